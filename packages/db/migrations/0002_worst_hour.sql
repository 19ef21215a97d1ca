CREATE TABLE "account_closings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"keep_salt" "bytea" NOT NULL,
	"keep_hash" "bytea",
	"closed_at" timestamp with time zone,
	"erased" jsonb,
	"ended_at" timestamp with time zone,
	CONSTRAINT "account_closings_state" CHECK ("account_closings"."state" in ('pending', 'kept', 'held', 'closed', 'erased'))
);
--> statement-breakpoint
CREATE TABLE "account_export_parts" (
	"export_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"lines_sealed" text NOT NULL,
	CONSTRAINT "account_export_parts_export_id_part_pk" PRIMARY KEY("export_id","part")
);
--> statement-breakpoint
CREATE TABLE "account_exports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ready_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"fetched_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "audit_chain" (
	"sequence" bigint PRIMARY KEY NOT NULL,
	"event_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	"seal" bigint NOT NULL,
	"commitments" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"seal" bigint PRIMARY KEY NOT NULL,
	"first_sequence" bigint NOT NULL,
	"last_sequence" bigint NOT NULL,
	"events" integer NOT NULL,
	"previous_hash" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	"sealed_at" timestamp with time zone NOT NULL,
	"key_id" text NOT NULL,
	"signature" "bytea" NOT NULL,
	"anchored_at" timestamp with time zone,
	"last_xid" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bootstrap_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email_key" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "bulk_revocations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"selector" jsonb NOT NULL,
	"kinds" text[] NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'draft' NOT NULL,
	"created_by" uuid NOT NULL,
	"created_by_session" uuid,
	"spares_own_session" boolean DEFAULT true NOT NULL,
	"needs_approval" boolean NOT NULL,
	"approved_by" uuid,
	"approved_at" timestamp with time zone,
	"counts" jsonb NOT NULL,
	"fence" boolean DEFAULT false NOT NULL,
	"rate_per_second" integer,
	"global_epoch" integer DEFAULT 1 NOT NULL,
	"running_since" timestamp with time zone,
	"done_before" integer DEFAULT 0 NOT NULL,
	"paced_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"frozen_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"started_by" uuid,
	"ended_at" timestamp with time zone,
	"undo_until" timestamp with time zone,
	"undone_at" timestamp with time zone,
	"undone_by" uuid,
	"revoked" jsonb,
	"restored" jsonb,
	CONSTRAINT "bulk_revocations_state" CHECK ("bulk_revocations"."state" in ('draft', 'approved', 'running', 'paused', 'cancelled', 'done', 'undoing', 'undone', 'failed')),
	CONSTRAINT "bulk_revocations_four_eyes" CHECK ("bulk_revocations"."approved_by" is null or "bulk_revocations"."approved_by" <> "bulk_revocations"."created_by")
);
--> statement-breakpoint
CREATE TABLE "email_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"old_email" text NOT NULL,
	"old_email_key" text NOT NULL,
	"new_email" text NOT NULL,
	"new_email_key" text NOT NULL,
	"state" text DEFAULT 'requested' NOT NULL,
	"confirm_salt" "bytea" NOT NULL,
	"confirm_hash" "bytea",
	"revert_salt" "bytea" NOT NULL,
	"revert_hash" "bytea",
	"epoch" integer NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"confirmed_at" timestamp with time zone,
	"revert_until" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "email_changes_state" CHECK ("email_changes"."state" in ('requested', 'confirmed', 'final', 'void', 'reverted'))
);
--> statement-breakpoint
CREATE TABLE "former_passwords" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"password_hash" text NOT NULL,
	"retired_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lockdown_items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lockdown_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"summary" jsonb NOT NULL,
	"suspect" boolean NOT NULL,
	"decision" text,
	"decided_at" timestamp with time zone,
	CONSTRAINT "lockdown_items_decision" CHECK ("lockdown_items"."decision" is null or "lockdown_items"."decision" in ('keep', 'undo'))
);
--> statement-breakpoint
CREATE TABLE "lockdown_steps" (
	"lockdown_id" uuid NOT NULL,
	"step" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"counts" jsonb NOT NULL,
	"proof" jsonb,
	"last_error_code" text,
	"acted_at" timestamp with time zone,
	"proven_at" timestamp with time zone,
	CONSTRAINT "lockdown_steps_lockdown_id_step_pk" PRIMARY KEY("lockdown_id","step"),
	CONSTRAINT "lockdown_steps_state" CHECK ("lockdown_steps"."state" in ('pending', 'acted', 'proven'))
);
--> statement-breakpoint
CREATE TABLE "lockdowns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"reason" text,
	"compromised_since" timestamp with time zone NOT NULL,
	"epoch" integer NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"recovery" text DEFAULT 'none' NOT NULL,
	"joined" integer DEFAULT 0 NOT NULL,
	"snapshot" jsonb NOT NULL,
	"txn" uuid NOT NULL,
	"recovery_salt" "bytea" NOT NULL,
	"recovery_hash" "bytea",
	"grant_hash" "bytea",
	"grant_expires_at" timestamp with time zone,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"contained_at" timestamp with time zone,
	"recovered_at" timestamp with time zone,
	CONSTRAINT "lockdowns_state" CHECK ("lockdowns"."state" in ('open', 'contained', 'recovered'))
);
--> statement-breakpoint
CREATE TABLE "notification_preferences" (
	"account_id" uuid PRIMARY KEY NOT NULL,
	"muted" text[] NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"account_id" uuid,
	"actor" text NOT NULL,
	"actor_id" uuid,
	"status" text DEFAULT 'running' NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"error_code" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "operations_kind" CHECK ("operations"."kind" in ('lockdown', 'bulk_revocation', 'account_export')),
	CONSTRAINT "operations_status" CHECK ("operations"."status" in ('running', 'paused', 'done', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "queue_pauses" (
	"hearer" text NOT NULL,
	"message" text NOT NULL,
	"reason" text NOT NULL,
	"paused_by" uuid,
	"paused_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "queue_pauses_hearer_message_pk" PRIMARY KEY("hearer","message")
);
--> statement-breakpoint
CREATE TABLE "revocation_targets" (
	"revocation_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"shard" smallint NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"sessions" integer DEFAULT 0 NOT NULL,
	"api_keys" integer DEFAULT 0 NOT NULL,
	"ssh_keys" integer DEFAULT 0 NOT NULL,
	"error_code" text,
	"done_at" timestamp with time zone,
	CONSTRAINT "revocation_targets_revocation_id_account_id_pk" PRIMARY KEY("revocation_id","account_id"),
	CONSTRAINT "revocation_targets_state" CHECK ("revocation_targets"."state" in ('pending', 'done', 'failed', 'undone'))
);
--> statement-breakpoint
CREATE TABLE "risk_signals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"level" text NOT NULL,
	"reason" text NOT NULL,
	"reference" text,
	"occurred_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"taken" text NOT NULL,
	CONSTRAINT "risk_signals_level" CHECK ("risk_signals"."level" in ('low', 'medium', 'high'))
);
--> statement-breakpoint
CREATE TABLE "sweeps" (
	"name" text PRIMARY KEY NOT NULL,
	"chunk_rows" integer NOT NULL,
	"rows_total" bigint DEFAULT 0 NOT NULL,
	"rows_this_run" bigint DEFAULT 0 NOT NULL,
	"run_started_at" timestamp with time zone,
	"run_ended_at" timestamp with time zone,
	"last_error_code" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"audit_event_id" uuid NOT NULL,
	"lockdown_id" uuid,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_status" smallint,
	"last_error_code" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_state" CHECK ("webhook_deliveries"."state" in ('pending', 'delivered', 'dead'))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"format" text NOT NULL,
	"url" text NOT NULL,
	"description" text NOT NULL,
	"actions" text[] NOT NULL,
	"events" text[] NOT NULL,
	"audience" text,
	"secret_sealed" text,
	"former_secret_sealed" text,
	"former_secret_until" timestamp with time zone,
	"authorization_sealed" text,
	"state" text DEFAULT 'active' NOT NULL,
	"disabled_because" text,
	"failing_since" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoints_format" CHECK ("webhook_endpoints"."format" in ('webhook', 'security_event')),
	CONSTRAINT "webhook_endpoints_state" CHECK ("webhook_endpoints"."state" in ('active', 'disabled'))
);
--> statement-breakpoint
ALTER TABLE "notices" DROP CONSTRAINT "notices_kind";--> statement-breakpoint
ALTER TABLE "audit_events" ALTER COLUMN "subject_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ALTER COLUMN "details" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "language" text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "password_compromised_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "revoked_by" uuid;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "salt" uuid DEFAULT gen_random_uuid();--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "details" jsonb;--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "lockdown_id" uuid;--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "mailed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "folded_into" uuid;--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "times" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "link_salt" "bytea";--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "link_hash" "bytea";--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "link_expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "notices" ADD COLUMN "link_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "revoked_by" uuid;--> statement-breakpoint
ALTER TABLE "ssh_keys" ADD COLUMN "revoked_by" uuid;--> statement-breakpoint
ALTER TABLE "account_export_parts" ADD CONSTRAINT "account_export_parts_export_id_account_exports_id_fk" FOREIGN KEY ("export_id") REFERENCES "public"."account_exports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_exports" ADD CONSTRAINT "account_exports_id_operations_id_fk" FOREIGN KEY ("id") REFERENCES "public"."operations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_exports" ADD CONSTRAINT "account_exports_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_revocations" ADD CONSTRAINT "bulk_revocations_id_operations_id_fk" FOREIGN KEY ("id") REFERENCES "public"."operations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "email_changes" ADD CONSTRAINT "email_changes_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "former_passwords" ADD CONSTRAINT "former_passwords_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lockdown_items" ADD CONSTRAINT "lockdown_items_lockdown_id_lockdowns_id_fk" FOREIGN KEY ("lockdown_id") REFERENCES "public"."lockdowns"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lockdown_steps" ADD CONSTRAINT "lockdown_steps_lockdown_id_lockdowns_id_fk" FOREIGN KEY ("lockdown_id") REFERENCES "public"."lockdowns"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lockdowns" ADD CONSTRAINT "lockdowns_id_operations_id_fk" FOREIGN KEY ("id") REFERENCES "public"."operations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lockdowns" ADD CONSTRAINT "lockdowns_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revocation_targets" ADD CONSTRAINT "revocation_targets_revocation_id_bulk_revocations_id_fk" FOREIGN KEY ("revocation_id") REFERENCES "public"."bulk_revocations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "risk_signals" ADD CONSTRAINT "risk_signals_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_webhook_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."webhook_endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_closings_account" ON "account_closings" USING btree ("account_id","requested_at");--> statement-breakpoint
CREATE UNIQUE INDEX "account_closings_one" ON "account_closings" USING btree ("account_id") WHERE state in ('pending', 'closed');--> statement-breakpoint
CREATE INDEX "account_closings_due" ON "account_closings" USING btree ("due_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "account_closings_ended_at" ON "account_closings" USING btree ("ended_at") WHERE ended_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "account_closings_keep_hash" ON "account_closings" USING btree ("keep_hash") WHERE keep_hash is not null;--> statement-breakpoint
CREATE INDEX "account_exports_account" ON "account_exports" USING btree ("account_id","created_at");--> statement-breakpoint
CREATE INDEX "account_exports_expires_at" ON "account_exports" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_chain_event" ON "audit_chain" USING btree ("event_id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_seals_last_sequence" ON "audit_seals" USING btree ("last_sequence");--> statement-breakpoint
CREATE INDEX "audit_seals_sealed_at" ON "audit_seals" USING btree ("sealed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "bootstrap_tokens_hash" ON "bootstrap_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "email_changes_pending" ON "email_changes" USING btree ("account_id") WHERE state = 'requested';--> statement-breakpoint
CREATE INDEX "email_changes_account" ON "email_changes" USING btree ("account_id","requested_at");--> statement-breakpoint
CREATE INDEX "email_changes_revertible" ON "email_changes" USING btree ("revert_until") WHERE state = 'confirmed';--> statement-breakpoint
CREATE INDEX "email_changes_old" ON "email_changes" USING btree ("old_email_key") WHERE state = 'confirmed';--> statement-breakpoint
CREATE INDEX "email_changes_expires_at" ON "email_changes" USING btree ("expires_at") WHERE state = 'requested';--> statement-breakpoint
CREATE UNIQUE INDEX "email_changes_confirm_hash" ON "email_changes" USING btree ("confirm_hash") WHERE confirm_hash is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "email_changes_revert_hash" ON "email_changes" USING btree ("revert_hash") WHERE revert_hash is not null;--> statement-breakpoint
CREATE INDEX "former_passwords_account" ON "former_passwords" USING btree ("account_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "lockdown_items_subject" ON "lockdown_items" USING btree ("lockdown_id","kind","subject");--> statement-breakpoint
CREATE INDEX "lockdown_items_order" ON "lockdown_items" USING btree ("lockdown_id","occurred_at");--> statement-breakpoint
CREATE UNIQUE INDEX "lockdowns_one" ON "lockdowns" USING btree ("account_id") WHERE state <> 'recovered';--> statement-breakpoint
CREATE INDEX "lockdowns_account" ON "lockdowns" USING btree ("account_id","opened_at");--> statement-breakpoint
CREATE INDEX "lockdowns_open" ON "lockdowns" USING btree ("opened_at") WHERE contained_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "lockdowns_recovery_hash" ON "lockdowns" USING btree ("recovery_hash") WHERE recovery_hash is not null;--> statement-breakpoint
CREATE INDEX "operations_running" ON "operations" USING btree ("kind","created_at") WHERE status in ('running', 'paused');--> statement-breakpoint
CREATE INDEX "revocation_targets_shard" ON "revocation_targets" USING btree ("revocation_id","shard","account_id") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "revocation_targets_done" ON "revocation_targets" USING btree ("revocation_id","shard","account_id") WHERE state = 'done';--> statement-breakpoint
CREATE INDEX "risk_signals_account" ON "risk_signals" USING btree ("account_id","received_at");--> statement-breakpoint
CREATE INDEX "risk_signals_received_at" ON "risk_signals" USING btree ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "risk_signals_reference" ON "risk_signals" USING btree ("client_id","reference") WHERE reference is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_event" ON "webhook_deliveries" USING btree ("endpoint_id","audit_event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_endpoint" ON "webhook_deliveries" USING btree ("endpoint_id","created_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_created_at" ON "webhook_deliveries" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_lockdown" ON "webhook_deliveries" USING btree ("lockdown_id") WHERE lockdown_id is not null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_active" ON "webhook_endpoints" USING btree ("id") WHERE state = 'active';--> statement-breakpoint
CREATE INDEX "accounts_email_prefix" ON "accounts" USING btree ("email_key" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "accounts_state" ON "accounts" USING btree ("state","id") WHERE state <> 'active';--> statement-breakpoint
CREATE INDEX "accounts_role" ON "accounts" USING btree ("role","id") WHERE role <> 'member';--> statement-breakpoint
CREATE INDEX "accounts_created" ON "accounts" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "api_keys_revoked_by" ON "api_keys" USING btree ("revoked_by","account_id") WHERE revoked_by is not null;--> statement-breakpoint
CREATE INDEX "api_keys_over" ON "api_keys" USING btree (least("revoked_at", "expires_at"));--> statement-breakpoint
CREATE INDEX "audit_events_xid" ON "audit_events" USING btree ("xid","id");--> statement-breakpoint
CREATE INDEX "audit_events_action" ON "audit_events" USING btree ("action","occurred_at");--> statement-breakpoint
CREATE INDEX "audit_events_staff" ON "audit_events" USING btree ("actor_id","occurred_at") WHERE actor in ('support', 'admin', 'api_client');--> statement-breakpoint
CREATE INDEX "audit_events_request" ON "audit_events" USING btree ("request_id") WHERE request_id is not null;--> statement-breakpoint
CREATE INDEX "notices_account" ON "notices" USING btree ("account_id","id");--> statement-breakpoint
CREATE INDEX "notices_unmailed" ON "notices" USING btree ("account_id","kind") WHERE mailed_at is null and folded_into is null;--> statement-breakpoint
CREATE UNIQUE INDEX "notices_link_hash" ON "notices" USING btree ("link_hash") WHERE link_hash is not null;--> statement-breakpoint
CREATE INDEX "notices_lockdown" ON "notices" USING btree ("lockdown_id") WHERE lockdown_id is not null;--> statement-breakpoint
CREATE INDEX "rentals_ended" ON "rentals" USING btree ("ended_at") WHERE ended_at is not null;--> statement-breakpoint
CREATE INDEX "sessions_idle" ON "sessions" USING btree ("last_seen_at") WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "sessions_expires" ON "sessions" USING btree ("expires_at") WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "sessions_ip" ON "sessions" USING btree ("ip","account_id") WHERE revoked_at is null and ip is not null;--> statement-breakpoint
CREATE INDEX "sessions_revoked_by" ON "sessions" USING btree ("revoked_by","account_id") WHERE revoked_by is not null;--> statement-breakpoint
CREATE INDEX "sessions_ended" ON "sessions" USING btree ("revoked_at") WHERE revoked_at is not null;--> statement-breakpoint
CREATE INDEX "ssh_keys_revoked_by" ON "ssh_keys" USING btree ("revoked_by","account_id") WHERE revoked_by is not null;--> statement-breakpoint
CREATE INDEX "totp_factors_pending" ON "totp_factors" USING btree ("created_at") WHERE confirmed_at is null;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_kind" CHECK (kind in ('password_changed', 'new_device', 'new_country', 'impossible_travel', 'login_after_failures', 'login_after_absence', 'second_factor_failed', 'two_factor_enabled', 'two_factor_disabled', 'backup_codes_renewed', 'backup_code_used', 'api_key_created', 'api_key_revoked', 'api_key_reused', 'api_key_leaked', 'ssh_key_added', 'email_change_requested', 'email_changed', 'email_change_reverted', 'risk_reported', 'account_locked', 'account_recovered', 'account_disabled', 'account_closing', 'account_closed', 'role_changed', 'data_exported', 'sessions_revoked', 'keys_revoked', 'access_restored', 'backup_codes_low', 'api_key_expiring', 'ssh_key_deployed'));--> statement-breakpoint
-- What was told before notices knew that they were told.
UPDATE "notices" SET "mailed_at" = "occurred_at" WHERE NOT EXISTS (
	SELECT FROM "jobs" WHERE "message" = 'send.notice' AND "state" IN ('pending', 'published') AND "payload"->>'noticeId' = "notices"."id"::text
);
--> statement-breakpoint
-- Updated a few times within seconds, then never again.
ALTER TABLE "webhook_deliveries" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
--> statement-breakpoint
ALTER TABLE "revocation_targets" SET (fillfactor = 80);
--> statement-breakpoint
-- Who serves may add to the audit, and neither change nor take away anything of it. What retention and erasure need is
-- done by functions of the store's owner, which can do that and nothing else.
CREATE FUNCTION public.erase_audit_of(p_account uuid, p_most integer)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $$
	-- Only of an account whose closing has come to its end; only what is sealed: the chain holds the commitments by then.
	with event as (
		select event.id from public.audit_events as event
		where event.account_id = p_account
			and exists (select from public.account_closings as closing where closing.account_id = p_account and closing.state = 'erased')
			and exists (select from public.audit_chain as link where link.event_id = event.id)
		order by event.occurred_at limit p_most
	), done as (
		update public.audit_events as event
		set account_id = null, actor_id = null, subject_id = null, request_id = null, details = null, salt = null
		from (select id from event) as chosen where event.id = chosen.id
		returning event.id
	)
	select count(*)::integer from done
$$;
--> statement-breakpoint
CREATE FUNCTION public.purge_audit(p_before timestamp with time zone, p_most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $$
declare purged integer;
begin
	if "p_before" > now() - interval '180 days' then
		raise exception 'the audit is kept for 180 days at least' using errcode = 'insufficient_privilege';
	end if;
	-- Whole seals, the oldest first, so that what is left begins with a seal; never the newest, on which the next one stands.
	with old as (
		select seal, first_sequence, last_sequence from public.audit_seals as one
		where sealed_at < "p_before" and seal < (select max(seal) from public.audit_seals)
		order by sealed_at, seal limit p_most
	), chained as (
		delete from public.audit_chain as link using old
		where link.sequence between old.first_sequence and old.last_sequence returning link.event_id
	), event as (
		delete from public.audit_events as event using chained where event.id = chained.event_id returning event.id
	), sealed as (
		delete from public.audit_seals as one using old where one.seal = old.seal
	)
	select count(*)::integer from event into purged;
	return purged;
end $$;
--> statement-breakpoint
-- Also for a role of your own: select grant_service('name').
CREATE FUNCTION public.grant_service(service name)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $$
begin
	execute format('grant usage on schema public to %I', service);
	execute format('grant select, insert, update, delete on all tables in schema public to %I', service);
	execute format('alter default privileges in schema public grant select, insert, update, delete on tables to %I', service);
	execute format('revoke all on public.audit_events, public.audit_chain, public.audit_seals from %I', service);
	execute format('grant select on public.audit_events, public.audit_chain, public.audit_seals to %I', service);
	-- Not when it happened, in which transaction, or its salt: those are the store's own.
	execute format('grant insert (id, action, account_id, actor, actor_id, subject_kind, subject_id, request_id, details) on public.audit_events to %I', service);
	execute format('grant insert on public.audit_chain, public.audit_seals to %I', service);
	execute format('grant update (anchored_at) on public.audit_seals to %I', service);
	execute format('grant execute on function public.erase_audit_of(uuid, integer), public.purge_audit(timestamp with time zone, integer) to %I', service);
end $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "erase_audit_of"(uuid, integer), "purge_audit"(timestamp with time zone, integer), "grant_service"(name) FROM PUBLIC;
--> statement-breakpoint
-- Roles belong to the whole server: another store of it may have made this one already, or at this moment. Who may make none leaves it to the operator.
DO $$
begin
	begin
		create role portcullis_service nologin;
	exception
		when duplicate_object or unique_violation then null;
		when insufficient_privilege then null;
	end;
	if exists (select from pg_roles where rolname = 'portcullis_service') then
		perform public.grant_service('portcullis_service');
	end if;
end $$;
