"use client";

import { InfoIcon, LoaderCircleIcon } from "lucide-react";
import { type ReactNode, useActionState, useId } from "react";
import type { EndReason, SessionClient } from "supabase-latchkey";
import { Button } from "@/components/ui/button";
import {
  Card,
  CardContent,
  CardDescription,
  CardHeader,
  CardTitle,
} from "@/components/ui/card";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { explainReason } from "@/lib/session-reasons";

/** What the form shows after an attempt. */
export interface SignInState {
  error?: string;
  /** Filled in again, because React empties a form after its action. */
  email?: string;
}

export interface SignInFormProps {
  /**
   * Signs in. A server action, which also works before scripts have loaded, or
   * `signInAction(client)` for the browser's session client.
   */
  action: (state: SignInState, form: FormData) => Promise<SignInState>;
  /** Why the last session ended, if the server ended it. */
  reason?: EndReason;
  /** Where to go after the sign-in: the hidden field `next` of the form. */
  next?: string;
  title?: string;
  description?: ReactNode;
  submitLabel?: string;
  /** Whether the password is a new one, so that browsers suggest one. */
  isNewAccount?: boolean;
  /** Below the form, such as a link to the sign-up. */
  footer?: ReactNode;
}

/** Signs in with e-mail and password. */
export function SignInForm({
  action,
  reason,
  next,
  title = "Sign in",
  description,
  submitLabel = title,
  isNewAccount = false,
  footer,
}: SignInFormProps) {
  const [state, submit, isPending] = useActionState(action, {});
  const id = useId();
  return (
    <Card className="w-full max-w-sm">
      <CardHeader>
        <CardTitle>
          <h1>{title}</h1>
        </CardTitle>
        {description && <CardDescription>{description}</CardDescription>}
      </CardHeader>
      <CardContent>
        {reason && !state.error && (
          <p
            role="status"
            className="mb-5 flex gap-2.5 rounded-lg border bg-muted/60 px-3.5 py-3 text-sm"
          >
            <InfoIcon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            {explainReason(reason)}
          </p>
        )}
        <form action={submit} className="grid gap-5">
          {next && <input type="hidden" name="next" value={next} />}
          <div className="grid gap-2">
            <Label htmlFor={`${id}-email`}>E-mail</Label>
            <Input
              id={`${id}-email`}
              name="email"
              type="email"
              autoComplete="username"
              defaultValue={state.email}
              placeholder="you@example.com"
              required
            />
          </div>
          <div className="grid gap-2">
            <Label htmlFor={`${id}-password`}>Password</Label>
            <Input
              id={`${id}-password`}
              name="password"
              type="password"
              autoComplete={isNewAccount ? "new-password" : "current-password"}
              minLength={isNewAccount ? 6 : undefined}
              aria-invalid={state.error ? true : undefined}
              aria-describedby={state.error ? `${id}-error` : undefined}
              required
            />
          </div>
          {state.error && (
            <p
              id={`${id}-error`}
              role="alert"
              className="text-sm text-destructive"
            >
              {state.error}
            </p>
          )}
          <Button type="submit" disabled={isPending} className="w-full">
            {isPending && (
              <LoaderCircleIcon
                aria-hidden="true"
                className="animate-spin motion-reduce:animate-none"
              />
            )}
            {submitLabel}
          </Button>
        </form>
        {footer && (
          <div className="mt-5 text-center text-sm text-muted-foreground">
            {footer}
          </div>
        )}
      </CardContent>
    </Card>
  );
}

/**
 * The form's action for an app without a server.
 *
 * @param client The browser's session client.
 * @param deviceName The name of this device in the session list.
 */
export function signInAction(
  client: Pick<SessionClient, "signIn">,
  deviceName?: string,
): SignInFormProps["action"] {
  return async (_, form) => {
    const email = String(form.get("email"));
    const password = String(form.get("password"));
    try {
      await client.signIn({ email, password, deviceName });
      return {};
    } catch (error) {
      return {
        email,
        error: error instanceof Error ? error.message : String(error),
      };
    }
  };
}
