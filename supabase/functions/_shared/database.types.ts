export type Json = string | number | boolean | null | {
  [key: string]: Json | undefined;
} | Json[];

export type Database = {
  "latchkey": {
    Tables: {
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
          "custom_access_token_hook": string | null;
          "idle_timeout": string;
          "reuse_interval_seconds": number;
          "sessions_per_user": number | null;
          "singleton": boolean;
        };
        ComputedFields: never;
        Insert: {
          "absolute_timeout"?: string;
          "access_token_seconds"?: number;
          "at_session_limit"?: string;
          "custom_access_token_hook"?: string | null;
          "idle_timeout"?: string;
          "reuse_interval_seconds"?: number;
          "sessions_per_user"?: number | null;
          "singleton"?: boolean;
        };
        Update: {
          "absolute_timeout"?: string;
          "access_token_seconds"?: number;
          "at_session_limit"?: string;
          "custom_access_token_hook"?: string | null;
          "idle_timeout"?: string;
          "reuse_interval_seconds"?: number;
          "sessions_per_user"?: number | null;
          "singleton"?: boolean;
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
        Args: { "reason": string; "session_ids": (string)[] };
        Returns: number;
      };
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
      "refresh": {
        Args: {
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
        Args: { "reason": string; "session_id": string; "user_id": string };
        Returns: number;
      };
      "revoke_session": { Args: { "session_id": string }; Returns: boolean };
      "revoke_token": {
        Args: { "secret_hash": string; "session_id": string };
        Returns: number;
      };
      "run_custom_access_token_hook": {
        Args: { "event": Json; "hook": string };
        Returns: Json;
      };
      "session_active": { Args: Record<PropertyKey, never>; Returns: boolean };
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
