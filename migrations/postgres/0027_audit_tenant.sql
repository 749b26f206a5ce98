-- To which organisation an event of the audit log belongs: where whom or what it tells of was when it happened.
CREATE TABLE audit_tenant (
    id              UUID PRIMARY KEY REFERENCES audit_event (id) ON DELETE CASCADE,
    organisation_id UUID NOT NULL
);
CREATE INDEX audit_tenant_log ON audit_tenant (organisation_id, id);
