export type Json = string | number | boolean | null | {
  [key: string]: Json | undefined;
} | Json[];

export type Database = {
  "latchkey": {
    Tables: {
      "login_attempts": {
        Row: {
          "blocked_until": string | null;
          "failures": number;
          "key_hash": string;
          "kind": string;
          "last_failed_at": string;
        };
        ComputedFields: never;
        Insert: {
          "blocked_until"?: string | null;
          "failures"?: number;
          "key_hash": string;
          "kind": string;
          "last_failed_at"?: string;
        };
        Update: {
          "blocked_until"?: string | null;
          "failures"?: number;
          "key_hash"?: string;
          "kind"?: string;
          "last_failed_at"?: string;
        };
        Relationships: [];
      };
      "outbox": {
        Row: {
          "attempts": number;
          "created_at": string;
          "due_at": string;
          "id": string;
          "initiating_entity": string;
          "last_answer": string | null;
          "outcome": string | null;
          "reason": string;
          "receiver_id": string;
          "session_id": string;
          "settled_at": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "created_at"?: string;
          "due_at"?: string;
          "id"?: string;
          "initiating_entity": string;
          "last_answer"?: string | null;
          "outcome"?: string | null;
          "reason": string;
          "receiver_id": string;
          "session_id": string;
          "settled_at"?: string | null;
          "user_id": string;
        };
        Update: {
          "attempts"?: number;
          "created_at"?: string;
          "due_at"?: string;
          "id"?: string;
          "initiating_entity"?: string;
          "last_answer"?: string | null;
          "outcome"?: string | null;
          "reason"?: string;
          "receiver_id"?: string;
          "session_id"?: string;
          "settled_at"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "outbox_receiver_id_fkey";
            columns: ["receiver_id"];
            isOneToOne: false;
            referencedRelation: "receivers";
            referencedColumns: ["id"];
          },
        ];
      };
      "receivers": {
        Row: {
          "audience": string;
          "created_at": string;
          "enabled": boolean;
          "id": string;
          "url": string;
        };
        ComputedFields: never;
        Insert: {
          "audience": string;
          "created_at"?: string;
          "enabled"?: boolean;
          "id"?: string;
          "url": string;
        };
        Update: {
          "audience"?: string;
          "created_at"?: string;
          "enabled"?: boolean;
          "id"?: string;
          "url"?: string;
        };
        Relationships: [];
      };
      "refresh_tokens": {
        Row: {
          "aal": string;
          "adoption_nonce": string | null;
          "amr": NonNullable<Json>;
          "created_at": string;
          "device_name": string | null;
          "expires_at": string;
          "generation": number;
          "idle_expires_at": string;
          "ip": unknown;
          "revoked_at": string | null;
          "revoked_reason": string | null;
          "rotated_at": string;
          "secret_hash": string;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "aal"?: string;
          "adoption_nonce"?: string | null;
          "amr"?: NonNullable<Json>;
          "created_at"?: string;
          "device_name"?: string | null;
          "expires_at": string;
          "generation"?: number;
          "idle_expires_at": string;
          "ip"?: unknown;
          "revoked_at"?: string | null;
          "revoked_reason"?: string | null;
          "rotated_at"?: string;
          "secret_hash": string;
          "session_id": string;
          "user_agent"?: string | null;
          "user_id": string;
        };
        Update: {
          "aal"?: string;
          "adoption_nonce"?: string | null;
          "amr"?: NonNullable<Json>;
          "created_at"?: string;
          "device_name"?: string | null;
          "expires_at"?: string;
          "generation"?: number;
          "idle_expires_at"?: string;
          "ip"?: unknown;
          "revoked_at"?: string | null;
          "revoked_reason"?: string | null;
          "rotated_at"?: string;
          "secret_hash"?: string;
          "session_id"?: string;
          "user_agent"?: string | null;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "session_events": {
        Row: {
          "actor_ip": unknown;
          "actor_session_id": string | null;
          "created_at": string;
          "event": string;
          "id": string;
          "initiating_entity": string | null;
          "ip": unknown;
          "reason": string | null;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "created_at"?: string;
          "event": string;
          "id"?: string;
          "initiating_entity"?: string | null;
          "ip"?: unknown;
          "reason"?: string | null;
          "session_id": string;
          "user_agent"?: string | null;
          "user_id": string;
        };
        Update: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "created_at"?: string;
          "event"?: string;
          "id"?: string;
          "initiating_entity"?: string | null;
          "ip"?: unknown;
          "reason"?: string | null;
          "session_id"?: string;
          "user_agent"?: string | null;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "session_events_default": {
        Row: {
          "actor_ip": unknown;
          "actor_session_id": string | null;
          "created_at": string;
          "event": string;
          "id": string;
          "initiating_entity": string | null;
          "ip": unknown;
          "reason": string | null;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "created_at"?: string;
          "event": string;
          "id"?: string;
          "initiating_entity"?: string | null;
          "ip"?: unknown;
          "reason"?: string | null;
          "session_id": string;
          "user_agent"?: string | null;
          "user_id": string;
        };
        Update: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "created_at"?: string;
          "event"?: string;
          "id"?: string;
          "initiating_entity"?: string | null;
          "ip"?: unknown;
          "reason"?: string | null;
          "session_id"?: string;
          "user_agent"?: string | null;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "settings": {
        Row: {
          "absolute_timeout": string;
          "access_token_seconds": number;
          "at_session_limit": string;
          "attempts_before_delay": number;
          "custom_access_token_hook": string | null;
          "ended_sessions_kept": string;
          "events_kept": string;
          "idle_timeout": string;
          "longest_attempt_delay": string;
          "reuse_interval_seconds": number;
          "revoke_max_age": string | null;
          "sessions_per_user": number | null;
          "singleton": boolean;
          "strict": boolean;
        };
        ComputedFields: never;
        Insert: {
          "absolute_timeout"?: string;
          "access_token_seconds"?: number;
          "at_session_limit"?: string;
          "attempts_before_delay"?: number;
          "custom_access_token_hook"?: string | null;
          "ended_sessions_kept"?: string;
          "events_kept"?: string;
          "idle_timeout"?: string;
          "longest_attempt_delay"?: string;
          "reuse_interval_seconds"?: number;
          "revoke_max_age"?: string | null;
          "sessions_per_user"?: number | null;
          "singleton"?: boolean;
          "strict"?: boolean;
        };
        Update: {
          "absolute_timeout"?: string;
          "access_token_seconds"?: number;
          "at_session_limit"?: string;
          "attempts_before_delay"?: number;
          "custom_access_token_hook"?: string | null;
          "ended_sessions_kept"?: string;
          "events_kept"?: string;
          "idle_timeout"?: string;
          "longest_attempt_delay"?: string;
          "reuse_interval_seconds"?: number;
          "revoke_max_age"?: string | null;
          "sessions_per_user"?: number | null;
          "singleton"?: boolean;
          "strict"?: boolean;
        };
        Relationships: [];
      };
    };
    Views: {
      "sessions": {
        Row: {
          "aal": string;
          "created_at": string;
          "current": boolean | null;
          "device_name": string | null;
          "expires_at": string | null;
          "ip": unknown;
          "last_used_at": string;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "aal"?: string | null;
          "created_at"?: string | null;
          "current"?: never;
          "device_name"?: string | null;
          "expires_at"?: never;
          "ip"?: unknown;
          "last_used_at"?: string | null;
          "session_id"?: string | null;
          "user_agent"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "aal"?: string | null;
          "created_at"?: string | null;
          "current"?: never;
          "device_name"?: string | null;
          "expires_at"?: never;
          "ip"?: unknown;
          "last_used_at"?: string | null;
          "session_id"?: string | null;
          "user_agent"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [];
      };
    };
    Functions: {
      "access_token_seconds": { Args: { "claims": Json }; Returns: number };
      "adopt": {
        Args: {
          "aal": string;
          "adoption_nonce": string;
          "amr": string;
          "device_name": string;
          "ip": string;
          "issued_at"?: number;
          "issuer"?: string;
          "secret_hash": string;
          "session_id": string;
          "user_agent": string;
          "user_id": string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["adopt_result"];
        SetofOptions: {
          from: "*";
          to: "adopt_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "amr": { Args: { "session_id": string }; Returns: Json };
      "attempt": {
        Args: { "account": string; "address": string };
        Returns: number;
      };
      "attempt_key": {
        Args: { "identifier": string; "kind": string };
        Returns: string;
      };
      "caller_session_id": {
        Args: Record<PropertyKey, never>;
        Returns: string;
      };
      "check_request": { Args: Record<PropertyKey, never>; Returns: undefined };
      "claims": {
        Args: {
          "account": unknown;
          "authentication_method": string;
          "issuer": string;
          "settings": Omit<
            Database["latchkey"]["Tables"]["settings"]["Row"],
            Database["latchkey"]["Tables"]["settings"]["ComputedFields"]
          >;
          "token": Omit<
            Database["latchkey"]["Tables"]["refresh_tokens"]["Row"],
            Database["latchkey"]["Tables"]["refresh_tokens"]["ComputedFields"]
          >;
        };
        Returns: Json;
      };
      "drop_auth_refresh_token": {
        Args: { "session_id": string };
        Returns: undefined;
      };
      "end_sessions": {
        Args: {
          "actor_ip"?: string;
          "actor_session_id"?: string;
          "reason": string;
          "session_ids": (string)[];
        };
        Returns: number;
      };
      "give_attempt_back": {
        Args: { "identifier": string; "kind": string };
        Returns: undefined;
      };
      "introspect": {
        Args: {
          "generation": number;
          "secret_hash": string;
          "session_id": string;
        };
        Returns: Json;
      };
      "is_oauth_client": { Args: { "session_id": string }; Returns: boolean };
      "lock_sessions": {
        Args: { "session_ids": (string)[] };
        Returns: undefined;
      };
      "login": {
        Args: {
          "aal": string;
          "amr": string;
          "device_name": string;
          "ip": string;
          "issuer"?: string;
          "secret_hash": string;
          "session_id": string;
          "user_agent": string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["session_result"];
        SetofOptions: {
          from: "*";
          to: "session_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "make_room": {
        Args: {
          "settings": Omit<
            Database["latchkey"]["Tables"]["settings"]["Row"],
            Database["latchkey"]["Tables"]["settings"]["ComputedFields"]
          >;
          "user_id": string;
        };
        Returns: boolean;
      };
      "prepare_partitions": {
        Args: Record<PropertyKey, never>;
        Returns: number;
      };
      "prune": { Args: { "batch"?: number }; Returns: Json };
      "prune_attempts": { Args: { "batch"?: number }; Returns: number };
      "prune_events": { Args: { "batch"?: number }; Returns: number };
      "prune_notices": { Args: { "batch"?: number }; Returns: number };
      "prune_sessions": { Args: { "batch"?: number }; Returns: number };
      "refresh": {
        Args: {
          "actor_ip"?: string;
          "generation": number;
          "issuer"?: string;
          "secret_hash": string;
          "session_id": string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["session_result"];
        SetofOptions: {
          from: "*";
          to: "session_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "revoke": {
        Args: {
          "actor_ip"?: string;
          "caller_session_id": string;
          "scope": string;
          "session_id": string;
          "user_id": string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["revoke_result"];
        SetofOptions: {
          from: "*";
          to: "revoke_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "revoke_by_admin": {
        Args: {
          "actor_ip"?: string;
          "reason": string;
          "session_id": string;
          "user_id": string;
        };
        Returns: number;
      };
      "revoke_max_age_seconds": {
        Args: Record<PropertyKey, never>;
        Returns: number;
      };
      "revoke_session": { Args: { "session_id": string }; Returns: boolean };
      "revoke_token": {
        Args: {
          "actor_ip"?: string;
          "secret_hash": string;
          "session_id": string;
        };
        Returns: number;
      };
      "run_custom_access_token_hook": {
        Args: { "event": Json; "hook": string };
        Returns: Json;
      };
      "schedule_upkeep": { Args: Record<PropertyKey, never>; Returns: string };
      "session_active": { Args: Record<PropertyKey, never>; Returns: boolean };
      "session_list": {
        Args: { "current_session_id": string; "user_id": string };
        Returns: Json;
      };
      "session_state": {
        Args: { "session_id": string; "user_id": string };
        Returns: Database["latchkey"]["CompositeTypes"]["session_state_result"];
        SetofOptions: {
          from: "*";
          to: "session_state_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "sessions": {
        Args: { "caller_session_id": string; "user_id": string };
        Returns: Database["latchkey"]["CompositeTypes"]["sessions_result"];
        SetofOptions: {
          from: "*";
          to: "sessions_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "sessions_by_admin": { Args: { "user_id": string }; Returns: Json };
      "settle_attempt": {
        Args: { "account": string; "address": string; "succeeded": boolean };
        Returns: undefined;
      };
      "settle_notice": {
        Args: { "answer": string; "id": string; "outcome": string };
        Returns: string;
      };
      "take_attempt": {
        Args: { "free_attempts": number; "identifier": string; "kind": string };
        Returns: number;
      };
      "take_notices": {
        Args: { "per_receiver": number; "receiver_id"?: string };
        Returns: Json;
      };
      "unauthorized": {
        Args: {
          "code": string;
          "details": string;
          "error": string;
          "message": string;
          "parameters": string;
        };
        Returns: undefined;
      };
      "upkeep": { Args: Record<PropertyKey, never>; Returns: Json };
      "user_data": { Args: { "account": unknown }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      "adopt_result": {
        "outcome": string | null;
        "reason": string | null;
        "generation": number | null;
        "access_token_seconds": number | null;
        "claims": Json | null;
        "user_data": Json | null;
        "adoption_nonce": string | null;
      };
      "revoke_result": {
        "outcome": string | null;
        "reason": string | null;
        "revoked": number | null;
      };
      "session_result": {
        "outcome": string | null;
        "reason": string | null;
        "generation": number | null;
        "access_token_seconds": number | null;
        "claims": Json | null;
        "user_data": Json | null;
      };
      "session_state_result": {
        "outcome": string | null;
        "reason": string | null;
      };
      "sessions_result": {
        "outcome": string | null;
        "reason": string | null;
        "sessions": Json | null;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema =
  DatabaseWithoutInternals[Extract<keyof Database, "latchkey">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
        "Tables"
      ]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
        "Views"
      ]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends
  { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
      "Tables"
    ]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
      "Views"
    ]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[
      DefaultSchemaTableNameOrOptions
    ] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
      "Tables"
    ]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends
  { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
    "Tables"
  ][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
      "Tables"
    ]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends
  { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]][
    "Tables"
  ][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]][
      "Enums"
    ]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends
  { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][
    EnumName
  ]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[
      PublicCompositeTypeNameOrOptions["schema"]
    ]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends
  { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]][
    "CompositeTypes"
  ][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "latchkey": {
    Enums: {},
  },
} as const;
