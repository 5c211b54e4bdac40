import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

export function Card({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div
      className={cn(
        "rounded-xl border bg-card text-card-foreground shadow-sm",
        className,
      )}
      {...rest}
    />
  );
}

export function CardHeader({ className, ...rest }: ComponentProps<"div">) {
  return <div className={cn("grid gap-1.5 px-6 pt-6", className)} {...rest} />;
}

export function CardTitle({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div
      className={cn("text-xl font-semibold tracking-tight", className)}
      {...rest}
    />
  );
}

export function CardDescription({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div className={cn("text-sm text-muted-foreground", className)} {...rest} />
  );
}

export function CardContent({ className, ...rest }: ComponentProps<"div">) {
  return <div className={cn("p-6", className)} {...rest} />;
}
