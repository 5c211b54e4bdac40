export type Json = string | number | boolean | null | {
  [key: string]: Json | undefined;
} | Json[];

export type Database = {
  "latchkey": {
    Tables: {
      "known_devices": {
        Row: {
          "device_hash": string;
          "first_seen_at": string;
          "last_seen_at": string;
          "session_id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "device_hash": string;
          "first_seen_at"?: string;
          "last_seen_at"?: string;
          "session_id": string;
          "user_id": string;
        };
        Update: {
          "device_hash"?: string;
          "first_seen_at"?: string;
          "last_seen_at"?: string;
          "session_id"?: string;
          "user_id"?: string;
        };
        Relationships: [];
      };
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
          "last_answer": string | null;
          "outcome": Database["latchkey"]["Enums"]["notice_outcome"] | null;
          "payload": NonNullable<Json>;
          "receiver_id": string;
          "settled_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "attempts"?: number;
          "created_at"?: string;
          "due_at"?: string;
          "id"?: string;
          "last_answer"?: string | null;
          "outcome"?: Database["latchkey"]["Enums"]["notice_outcome"] | null;
          "payload": NonNullable<Json>;
          "receiver_id": string;
          "settled_at"?: string | null;
        };
        Update: {
          "attempts"?: number;
          "created_at"?: string;
          "due_at"?: string;
          "id"?: string;
          "last_answer"?: string | null;
          "outcome"?: Database["latchkey"]["Enums"]["notice_outcome"] | null;
          "payload"?: NonNullable<Json>;
          "receiver_id"?: string;
          "settled_at"?: string | null;
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
          "audience": string | null;
          "created_at": string;
          "enabled": boolean;
          "events": (unknown)[];
          "format": Database["latchkey"]["Enums"]["receiver_format"];
          "id": string;
          "resume_at": string | null;
          "secrets": (unknown)[];
          "url": string;
        };
        ComputedFields: never;
        Insert: {
          "audience"?: string | null;
          "created_at"?: string;
          "enabled"?: boolean;
          "events"?: (unknown)[];
          "format"?: Database["latchkey"]["Enums"]["receiver_format"];
          "id"?: string;
          "resume_at"?: string | null;
          "secrets"?: (unknown)[];
          "url": string;
        };
        Update: {
          "audience"?: string | null;
          "created_at"?: string;
          "enabled"?: boolean;
          "events"?: (unknown)[];
          "format"?: Database["latchkey"]["Enums"]["receiver_format"];
          "id"?: string;
          "resume_at"?: string | null;
          "secrets"?: (unknown)[];
          "url"?: string;
        };
        Relationships: [];
      };
      "refresh_tokens": {
        Row: {
          "aal": string;
          "active_until": string | null;
          "adoption_nonce": string | null;
          "amr": NonNullable<Json>;
          "client": string | null;
          "country": string | null;
          "created_at": string;
          "device_name": string | null;
          "disavowed_at": string | null;
          "expires_at": string;
          "expiry_published_at": string | null;
          "generation": number;
          "idle_expires_at": string;
          "ip": unknown;
          "jkt": string | null;
          "last_ip": unknown;
          "last_user_agent": string | null;
          "proof_ids": string;
          "revoked_at": string | null;
          "revoked_by":
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "revoked_by_ip": unknown;
          "revoked_by_session_id": string | null;
          "revoked_reason":
            | Database["latchkey"]["Enums"]["revoked_reason"]
            | null;
          "rotated_at": string;
          "secret_hash": string;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
          "aal1_expired": boolean | null;
          "session_end":
            | Database["latchkey"]["CompositeTypes"]["event_record"]
            | null;
        };
        ComputedFields: "aal1_expired" | "session_end";
        Insert: {
          "aal"?: string;
          "active_until"?: never;
          "adoption_nonce"?: string | null;
          "amr"?: NonNullable<Json>;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "device_name"?: string | null;
          "disavowed_at"?: string | null;
          "expires_at": string;
          "expiry_published_at"?: string | null;
          "generation"?: number;
          "idle_expires_at": string;
          "ip"?: unknown;
          "jkt"?: string | null;
          "last_ip"?: unknown;
          "last_user_agent"?: string | null;
          "proof_ids"?: string;
          "revoked_at"?: string | null;
          "revoked_by"?:
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "revoked_by_ip"?: unknown;
          "revoked_by_session_id"?: string | null;
          "revoked_reason"?:
            | Database["latchkey"]["Enums"]["revoked_reason"]
            | null;
          "rotated_at"?: string;
          "secret_hash": string;
          "session_id": string;
          "user_agent"?: string | null;
          "user_id": string;
        };
        Update: {
          "aal"?: string;
          "active_until"?: never;
          "adoption_nonce"?: string | null;
          "amr"?: NonNullable<Json>;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "device_name"?: string | null;
          "disavowed_at"?: string | null;
          "expires_at"?: string;
          "expiry_published_at"?: string | null;
          "generation"?: number;
          "idle_expires_at"?: string;
          "ip"?: unknown;
          "jkt"?: string | null;
          "last_ip"?: unknown;
          "last_user_agent"?: string | null;
          "proof_ids"?: string;
          "revoked_at"?: string | null;
          "revoked_by"?:
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "revoked_by_ip"?: unknown;
          "revoked_by_session_id"?: string | null;
          "revoked_reason"?:
            | Database["latchkey"]["Enums"]["revoked_reason"]
            | null;
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
          "client": string | null;
          "country": string | null;
          "created_at": string;
          "event": Database["latchkey"]["Enums"]["session_event"];
          "id": string;
          "initiating_entity":
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "ip": unknown;
          "previous_client": string | null;
          "previous_country": string | null;
          "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "event": Database["latchkey"]["Enums"]["session_event"];
          "id"?: string;
          "initiating_entity"?:
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "ip"?: unknown;
          "previous_client"?: string | null;
          "previous_country"?: string | null;
          "reason"?: Database["latchkey"]["Enums"]["ended_reason"] | null;
          "session_id": string;
          "user_agent"?: string | null;
          "user_id": string;
        };
        Update: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "event"?: Database["latchkey"]["Enums"]["session_event"];
          "id"?: string;
          "initiating_entity"?:
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "ip"?: unknown;
          "previous_client"?: string | null;
          "previous_country"?: string | null;
          "reason"?: Database["latchkey"]["Enums"]["ended_reason"] | null;
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
          "client": string | null;
          "country": string | null;
          "created_at": string;
          "event": Database["latchkey"]["Enums"]["session_event"];
          "id": string;
          "initiating_entity":
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "ip": unknown;
          "previous_client": string | null;
          "previous_country": string | null;
          "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "event": Database["latchkey"]["Enums"]["session_event"];
          "id"?: string;
          "initiating_entity"?:
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "ip"?: unknown;
          "previous_client"?: string | null;
          "previous_country"?: string | null;
          "reason"?: Database["latchkey"]["Enums"]["ended_reason"] | null;
          "session_id": string;
          "user_agent"?: string | null;
          "user_id": string;
        };
        Update: {
          "actor_ip"?: unknown;
          "actor_session_id"?: string | null;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "event"?: Database["latchkey"]["Enums"]["session_event"];
          "id"?: string;
          "initiating_entity"?:
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "ip"?: unknown;
          "previous_client"?: string | null;
          "previous_country"?: string | null;
          "reason"?: Database["latchkey"]["Enums"]["ended_reason"] | null;
          "session_id"?: string;
          "user_agent"?: string | null;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "settings": {
        Row: {
          "aal1_timeout": string | null;
          "absolute_timeout": string;
          "access_token_seconds": number;
          "at_session_limit": string;
          "attempts_before_delay": number;
          "client_change": Database["latchkey"]["Enums"]["client_change"];
          "custom_access_token_hook": string | null;
          "devices_kept": string;
          "ended_sessions_kept": string;
          "events_kept": string;
          "idle_timeout": string;
          "longest_attempt_delay": string;
          "on_client_change": Database["latchkey"]["Enums"]["on_client_change"];
          "require_proof": boolean;
          "reuse_interval_seconds": number;
          "revoke_max_age": string | null;
          "sessions_per_user": number | null;
          "singleton": boolean;
          "strict": boolean;
        };
        ComputedFields: never;
        Insert: {
          "aal1_timeout"?: string | null;
          "absolute_timeout"?: string;
          "access_token_seconds"?: number;
          "at_session_limit"?: string;
          "attempts_before_delay"?: number;
          "client_change"?: Database["latchkey"]["Enums"]["client_change"];
          "custom_access_token_hook"?: string | null;
          "devices_kept"?: string;
          "ended_sessions_kept"?: string;
          "events_kept"?: string;
          "idle_timeout"?: string;
          "longest_attempt_delay"?: string;
          "on_client_change"?:
            Database["latchkey"]["Enums"]["on_client_change"];
          "require_proof"?: boolean;
          "reuse_interval_seconds"?: number;
          "revoke_max_age"?: string | null;
          "sessions_per_user"?: number | null;
          "singleton"?: boolean;
          "strict"?: boolean;
        };
        Update: {
          "aal1_timeout"?: string | null;
          "absolute_timeout"?: string;
          "access_token_seconds"?: number;
          "at_session_limit"?: string;
          "attempts_before_delay"?: number;
          "client_change"?: Database["latchkey"]["Enums"]["client_change"];
          "custom_access_token_hook"?: string | null;
          "devices_kept"?: string;
          "ended_sessions_kept"?: string;
          "events_kept"?: string;
          "idle_timeout"?: string;
          "longest_attempt_delay"?: string;
          "on_client_change"?:
            Database["latchkey"]["Enums"]["on_client_change"];
          "require_proof"?: boolean;
          "reuse_interval_seconds"?: number;
          "revoke_max_age"?: string | null;
          "sessions_per_user"?: number | null;
          "singleton"?: boolean;
          "strict"?: boolean;
        };
        Relationships: [];
      };
      "used_proofs": {
        Row: {
          "expires_at": string;
          "proof_id": string;
        };
        ComputedFields: never;
        Insert: {
          "expires_at"?: string;
          "proof_id": string;
        };
        Update: {
          "expires_at"?: string;
          "proof_id"?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      "sessions": {
        Row: {
          "aal": string;
          "bound": boolean | null;
          "client": string | null;
          "country": string | null;
          "created_at": string;
          "current": boolean | null;
          "device_name": string | null;
          "expires_at": string | null;
          "ip": unknown;
          "last_ip": unknown;
          "last_used_at": string;
          "last_user_agent": string | null;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "aal"?: string | null;
          "bound"?: never;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string | null;
          "current"?: never;
          "device_name"?: string | null;
          "expires_at"?: string | null;
          "ip"?: unknown;
          "last_ip"?: unknown;
          "last_used_at"?: string | null;
          "last_user_agent"?: never;
          "session_id"?: string | null;
          "user_agent"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "aal"?: string | null;
          "bound"?: never;
          "client"?: string | null;
          "country"?: string | null;
          "created_at"?: string | null;
          "current"?: never;
          "device_name"?: string | null;
          "expires_at"?: string | null;
          "ip"?: unknown;
          "last_ip"?: unknown;
          "last_used_at"?: string | null;
          "last_user_agent"?: never;
          "session_id"?: string | null;
          "user_agent"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [];
      };
    };
    Functions: {
      "aal1_expired": {
        Args: {
          "token": Omit<
            Database["latchkey"]["Tables"]["refresh_tokens"]["Row"],
            Database["latchkey"]["Tables"]["refresh_tokens"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      "access_token_seconds": { Args: { "claims": Json }; Returns: number };
      "adopt": {
        Args: {
          "aal": string;
          "adoption_nonce": string;
          "amr": string;
          "client"?: string;
          "country"?: string;
          "deadline"?: string;
          "device_hash"?: string;
          "device_name": string;
          "ip": string;
          "issued_at": number;
          "issuer": string;
          "proof_id"?: string;
          "proof_jkt"?: string;
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
        Args: { "account": string; "address": string; "deadline"?: string };
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
      "check_deadline": { Args: { "deadline": string }; Returns: string };
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
      "client_changed": {
        Args: {
          "client": string;
          "country": string;
          "settings": Omit<
            Database["latchkey"]["Tables"]["settings"]["Row"],
            Database["latchkey"]["Tables"]["settings"]["ComputedFields"]
          >;
          "token": Omit<
            Database["latchkey"]["Tables"]["refresh_tokens"]["Row"],
            Database["latchkey"]["Tables"]["refresh_tokens"]["ComputedFields"]
          >;
        };
        Returns: boolean;
      };
      "client_on_desktop": { Args: { "client": string }; Returns: string };
      "clock": { Args: Record<PropertyKey, never>; Returns: string };
      "consume_attempt": {
        Args: { "free_attempts": number; "identifier": string; "kind": string };
        Returns: number;
      };
      "delete_auth_sessions": {
        Args: { "session_ids": (string)[] };
        Returns: (string)[];
      };
      "disavow": {
        Args: {
          "actor_ip": string;
          "deadline"?: string;
          "scope": Database["latchkey"]["Enums"]["revoke_scope"];
          "session_id": string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["disavow_result"];
        SetofOptions: {
          from: "*";
          to: "disavow_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "end_sessions": {
        Args: {
          "reason": Database["latchkey"]["Enums"]["revoked_reason"];
          "revoked_by"?: Database["latchkey"]["Enums"]["initiating_entity"];
          "revoked_by_ip"?: string;
          "revoked_by_session_id"?: string;
          "session_ids": (string)[];
        };
        Returns: number;
      };
      "enforce_session_limit": {
        Args: {
          "settings": Omit<
            Database["latchkey"]["Tables"]["settings"]["Row"],
            Database["latchkey"]["Tables"]["settings"]["ComputedFields"]
          >;
          "user_id": string;
        };
        Returns: boolean;
      };
      "event_of": {
        Args: {
          "event": Database["latchkey"]["Enums"]["session_event"];
          "token": Omit<
            Database["latchkey"]["Tables"]["refresh_tokens"]["Row"],
            Database["latchkey"]["Tables"]["refresh_tokens"]["ComputedFields"]
          >;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["event_record"];
        SetofOptions: {
          from: "*";
          to: "event_record";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "expire_sessions": { Args: { "batch"?: number }; Returns: number };
      "initiating_entity": {
        Args: { "reason": Database["latchkey"]["Enums"]["ended_reason"] };
        Returns: Database["latchkey"]["Enums"]["initiating_entity"];
      };
      "introspect": {
        Args: {
          "generation": number;
          "secret_hash": string;
          "session_id": string;
        };
        Returns: Json;
      };
      "invalidate_auth_refresh_tokens": {
        Args: { "session_id": string };
        Returns: undefined;
      };
      "is_oauth_client": { Args: { "session_id": string }; Returns: boolean };
      "is_proof_used": {
        Args: { "proof_id": string; "proof_ids": string };
        Returns: boolean;
      };
      "issue_tokens": {
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
        Returns: Database["latchkey"]["CompositeTypes"]["issued_tokens"];
        SetofOptions: {
          from: "*";
          to: "issued_tokens";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "lock_auth_session": {
        Args: { "session_id": string };
        Returns: Database["latchkey"]["Views"]["sessions"]["Row"];
        SetofOptions: {
          from: "*";
          to: "sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "lock_sessions": {
        Args: { "session_ids": (string)[] };
        Returns: undefined;
      };
      "login": {
        Args: {
          "aal": string;
          "amr": string;
          "client"?: string;
          "country"?: string;
          "deadline"?: string;
          "device_hash"?: string;
          "device_name": string;
          "ip": string;
          "issuer": string;
          "proof_id"?: string;
          "proof_jkt"?: string;
          "secret_hash": string;
          "session_id": string;
          "user_agent": string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["login_result"];
        SetofOptions: {
          from: "*";
          to: "login_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "parse_uuid": { Args: { "text": string }; Returns: string };
      "prepare_partitions": {
        Args: Record<PropertyKey, never>;
        Returns: number;
      };
      "prune": { Args: { "batch"?: number }; Returns: Json };
      "prune_attempts": { Args: { "batch"?: number }; Returns: number };
      "prune_devices": { Args: { "batch"?: number }; Returns: number };
      "prune_events": { Args: { "batch"?: number }; Returns: number };
      "prune_notices": { Args: { "batch"?: number }; Returns: number };
      "prune_proofs": { Args: { "batch"?: number }; Returns: number };
      "prune_sessions": { Args: { "batch"?: number }; Returns: number };
      "publish_session_ends": {
        Args: {
          "ends": (Database["latchkey"]["CompositeTypes"]["event_record"])[];
        };
        Returns: undefined;
      };
      "recognize_device": {
        Args: {
          "device_hash": string;
          "session_id": string;
          "user_id": string;
        };
        Returns: boolean;
      };
      "record_client_change": {
        Args: {
          "client": string;
          "country": string;
          "ip": string;
          "session_id": string;
          "settings": Omit<
            Database["latchkey"]["Tables"]["settings"]["Row"],
            Database["latchkey"]["Tables"]["settings"]["ComputedFields"]
          >;
          "user_agent": string;
        };
        Returns: boolean;
      };
      "record_events": {
        Args: {
          "events": (Database["latchkey"]["CompositeTypes"]["event_record"])[];
        };
        Returns: undefined;
      };
      "record_refused_proof": {
        Args: {
          "actor_ip": string;
          "token": Omit<
            Database["latchkey"]["Tables"]["refresh_tokens"]["Row"],
            Database["latchkey"]["Tables"]["refresh_tokens"]["ComputedFields"]
          >;
        };
        Returns: undefined;
      };
      "refresh": {
        Args: {
          "actor_ip": string;
          "client"?: string;
          "country"?: string;
          "deadline"?: string;
          "generation": number;
          "issuer": string;
          "proof_id"?: string;
          "proof_jkt"?: string;
          "proof_nonce_generation"?: number;
          "secret_hash": string;
          "session_id": string;
          "user_agent"?: string;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["refresh_result"];
        SetofOptions: {
          from: "*";
          to: "refresh_result";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "refund_attempt": {
        Args: { "identifier": string; "kind": string };
        Returns: undefined;
      };
      "revoke": {
        Args: {
          "actor_ip": string;
          "authenticated_at": number;
          "caller_session_id": string;
          "deadline"?: string;
          "scope": Database["latchkey"]["Enums"]["revoke_scope"];
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
          "actor_ip": string;
          "deadline"?: string;
          "reason": Database["latchkey"]["Enums"]["revoked_reason"];
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
      "revoke_session": { Args: { "session_id": string }; Returns: boolean };
      "revoke_token": {
        Args: {
          "actor_ip": string;
          "deadline"?: string;
          "secret_hash": string;
          "session_id": string;
        };
        Returns: number;
      };
      "revoke_tokens": {
        Args: {
          "reason": Database["latchkey"]["Enums"]["revoked_reason"];
          "revoked_by": Database["latchkey"]["Enums"]["initiating_entity"];
          "revoked_by_ip": unknown;
          "revoked_by_session_id": string;
          "session_ids": (string)[];
        };
        Returns: number;
      };
      "run_custom_access_token_hook": {
        Args: { "event": Json; "hook": string };
        Returns: Json;
      };
      "schedule_upkeep": { Args: Record<PropertyKey, never>; Returns: string };
      "session_active": { Args: Record<PropertyKey, never>; Returns: boolean };
      "session_end": {
        Args: {
          "token": Omit<
            Database["latchkey"]["Tables"]["refresh_tokens"]["Row"],
            Database["latchkey"]["Tables"]["refresh_tokens"]["ComputedFields"]
          >;
        };
        Returns: Database["latchkey"]["CompositeTypes"]["event_record"];
        SetofOptions: {
          from: "latchkey.refresh_tokens";
          to: "event_record";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
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
      "sessions_of_user": {
        Args: { "but_not": string; "most": number; "user_id": string };
        Returns: (string)[];
      };
      "settle_attempt": {
        Args: {
          "account": string;
          "address": string;
          "deadline"?: string;
          "succeeded": boolean;
        };
        Returns: undefined;
      };
      "settle_notice": {
        Args: {
          "answer": string;
          "id": string;
          "outcome": Database["latchkey"]["Enums"]["notice_outcome"];
          "pause_seconds"?: number;
        };
        Returns: Database["latchkey"]["Enums"]["notice_outcome"];
      };
      "start_session": {
        Args: {
          "aal": string;
          "adoption_nonce": string;
          "amr": Json;
          "auth_session": Omit<
            Database["latchkey"]["Views"]["sessions"]["Row"],
            Database["latchkey"]["Views"]["sessions"]["ComputedFields"]
          >;
          "client": string;
          "country": string;
          "device_hash": string;
          "device_name": string;
          "ip": string;
          "jkt": string;
          "secret_hash": string;
          "settings": Omit<
            Database["latchkey"]["Tables"]["settings"]["Row"],
            Database["latchkey"]["Tables"]["settings"]["ComputedFields"]
          >;
          "user_agent": string;
        };
        Returns: {
          "aal": string;
          "active_until": string | null;
          "adoption_nonce": string | null;
          "amr": NonNullable<Json>;
          "client": string | null;
          "country": string | null;
          "created_at": string;
          "device_name": string | null;
          "disavowed_at": string | null;
          "expires_at": string;
          "expiry_published_at": string | null;
          "generation": number;
          "idle_expires_at": string;
          "ip": unknown;
          "jkt": string | null;
          "last_ip": unknown;
          "last_user_agent": string | null;
          "proof_ids": string;
          "revoked_at": string | null;
          "revoked_by":
            | Database["latchkey"]["Enums"]["initiating_entity"]
            | null;
          "revoked_by_ip": unknown;
          "revoked_by_session_id": string | null;
          "revoked_reason":
            | Database["latchkey"]["Enums"]["revoked_reason"]
            | null;
          "rotated_at": string;
          "secret_hash": string;
          "session_id": string;
          "user_agent": string | null;
          "user_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "refresh_tokens";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "take_notices": {
        Args: { "per_receiver": number; "receiver_id": string };
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
      "use_proof": { Args: { "proof_id": string }; Returns: boolean };
      "user_data": { Args: { "account": unknown }; Returns: Json };
    };
    Enums: {
      "adopt_outcome":
        | "created"
        | "repeated"
        | "managed"
        | "oauth_client"
        | "banned"
        | "refused"
        | "proof_required"
        | "replayed"
        | "revoked"
        | "expired";
      "client_change": "user_agent" | "country" | "both";
      "disavow_outcome": "done" | "used" | "unknown";
      "ended_reason":
        | "signed_out"
        | "user"
        | "admin"
        | "reuse"
        | "password_changed"
        | "banned"
        | "user_deleted"
        | "session_limit"
        | "suspicious"
        | "expired"
        | "idle"
        | "absolute"
        | "aal1";
      "initiating_entity": "admin" | "user" | "policy" | "system";
      "login_outcome":
        | "created"
        | "banned"
        | "refused"
        | "proof_required"
        | "replayed"
        | "unknown";
      "notice_outcome":
        | "delivered"
        | "refused"
        | "gone"
        | "failed"
        | "given_up";
      "on_client_change": "ignore" | "record" | "step_up" | "end";
      "receiver_format": "caep" | "standard_webhooks";
      "refresh_outcome":
        | "rotated"
        | "repeated"
        | "reused"
        | "proof_required"
        | "nonce_required"
        | "replayed"
        | "revoked"
        | "expired"
        | "unknown";
      "revoke_outcome":
        | "done"
        | "forbidden"
        | "oauth_client"
        | "reauthentication_required"
        | "revoked"
        | "expired";
      "revoke_scope": "local" | "others" | "global";
      "revoked_reason":
        | "signed_out"
        | "user"
        | "admin"
        | "reuse"
        | "password_changed"
        | "banned"
        | "user_deleted"
        | "session_limit"
        | "suspicious";
      "session_event":
        | "session_created"
        | "session_expired"
        | "authn_token_revoked"
        | "authn_token_reuse"
        | "authn_proof_refused"
        | "session_client_changed"
        | "session_disavowed"
        | "new_device";
      "session_status": "active" | "revoked" | "expired";
    };
    CompositeTypes: {
      "adopt_result": {
        "outcome": Database["latchkey"]["Enums"]["adopt_outcome"] | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
        "generation": number | null;
        "access_token_seconds": number | null;
        "claims": Json | null;
        "user_data": Json | null;
        "adoption_nonce": string | null;
        "database_time": string | null;
      };
      "disavow_result": {
        "outcome": Database["latchkey"]["Enums"]["disavow_outcome"] | null;
        "revoked": number | null;
        "more": boolean | null;
        "database_time": string | null;
      };
      "event_record": {
        "created_at": string | null;
        "event": Database["latchkey"]["Enums"]["session_event"] | null;
        "session_id": string | null;
        "user_id": string | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
        "initiating_entity":
          | Database["latchkey"]["Enums"]["initiating_entity"]
          | null;
        "ip": unknown;
        "user_agent": string | null;
        "client": string | null;
        "country": string | null;
        "previous_client": string | null;
        "previous_country": string | null;
        "new_device": boolean | null;
        "actor_session_id": string | null;
        "actor_ip": unknown;
      };
      "issued_tokens": {
        "generation": number | null;
        "access_token_seconds": number | null;
        "claims": Json | null;
        "user_data": Json | null;
      };
      "login_result": {
        "outcome": Database["latchkey"]["Enums"]["login_outcome"] | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
        "generation": number | null;
        "access_token_seconds": number | null;
        "claims": Json | null;
        "user_data": Json | null;
        "database_time": string | null;
      };
      "refresh_result": {
        "outcome": Database["latchkey"]["Enums"]["refresh_outcome"] | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
        "generation": number | null;
        "access_token_seconds": number | null;
        "claims": Json | null;
        "user_data": Json | null;
        "client_changed": boolean | null;
        "database_time": string | null;
      };
      "revoke_result": {
        "outcome": Database["latchkey"]["Enums"]["revoke_outcome"] | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
        "revoked": number | null;
        "more": boolean | null;
        "max_age_seconds": number | null;
        "database_time": string | null;
      };
      "session_state_result": {
        "outcome": Database["latchkey"]["Enums"]["session_status"] | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
      };
      "sessions_result": {
        "outcome": Database["latchkey"]["Enums"]["session_status"] | null;
        "reason": Database["latchkey"]["Enums"]["ended_reason"] | null;
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
    Enums: {
      "adopt_outcome": [
        "created",
        "repeated",
        "managed",
        "oauth_client",
        "banned",
        "refused",
        "proof_required",
        "replayed",
        "revoked",
        "expired",
      ],
      "client_change": ["user_agent", "country", "both"],
      "disavow_outcome": ["done", "used", "unknown"],
      "ended_reason": [
        "signed_out",
        "user",
        "admin",
        "reuse",
        "password_changed",
        "banned",
        "user_deleted",
        "session_limit",
        "suspicious",
        "expired",
        "idle",
        "absolute",
        "aal1",
      ],
      "initiating_entity": ["admin", "user", "policy", "system"],
      "login_outcome": [
        "created",
        "banned",
        "refused",
        "proof_required",
        "replayed",
        "unknown",
      ],
      "notice_outcome": ["delivered", "refused", "gone", "failed", "given_up"],
      "on_client_change": ["ignore", "record", "step_up", "end"],
      "receiver_format": ["caep", "standard_webhooks"],
      "refresh_outcome": [
        "rotated",
        "repeated",
        "reused",
        "proof_required",
        "nonce_required",
        "replayed",
        "revoked",
        "expired",
        "unknown",
      ],
      "revoke_outcome": [
        "done",
        "forbidden",
        "oauth_client",
        "reauthentication_required",
        "revoked",
        "expired",
      ],
      "revoke_scope": ["local", "others", "global"],
      "revoked_reason": [
        "signed_out",
        "user",
        "admin",
        "reuse",
        "password_changed",
        "banned",
        "user_deleted",
        "session_limit",
        "suspicious",
      ],
      "session_event": [
        "session_created",
        "session_expired",
        "authn_token_revoked",
        "authn_token_reuse",
        "authn_proof_refused",
        "session_client_changed",
        "session_disavowed",
        "new_device",
      ],
      "session_status": ["active", "revoked", "expired"],
    },
  },
} as const;
