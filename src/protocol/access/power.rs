//! The permissions of the administration, each a type: a flow that needs one asks for a
//! [`Permit`](super::Permit) of it, and there is no other way to call it.

use super::Permission;

/// A permission as a type.
pub trait Power: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! powers {
    ($($(#[doc = $doc:literal])+ $name:ident = $resource:literal : $action:literal;)*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Power for $name {
                const PERMISSION: Permission = Permission::new($resource, $action);
            }
        )*

        /// Every permission of the administration.
        pub const ALL: &[Permission] = &[$($name::PERMISSION,)*];

        /// What each of [`ALL`] is for, in the same order.
        pub const MEANINGS: &[&str] = &[$(concat!($($doc),+),)*];
    };
}

powers! {
    /// See clients; never their secrets.
    ReadClients = "clients":"read";
    /// Register, change and remove clients, and rotate their secrets.
    WriteClients = "clients":"write";
    /// See resource servers and their scopes.
    ReadResources = "resources":"read";
    /// Register, change and remove resource servers.
    WriteResources = "resources":"write";
    /// See people, what they have set up, what they allowed.
    ReadUsers = "users":"read";
    /// Create, invite, change, disable people; reset what they sign in with.
    WriteUsers = "users":"write";
    /// See sessions.
    ReadSessions = "sessions":"read";
    /// End sessions.
    WriteSessions = "sessions":"write";
    /// See groups and who is in them.
    ReadGroups = "groups":"read";
    /// Make and remove groups, and say who is in them.
    WriteGroups = "groups":"write";
    /// See roles and who holds them.
    ReadRoles = "roles":"read";
    /// Define roles, give and take them.
    WriteRoles = "roles":"write";
    /// See organisations.
    ReadOrganisations = "organisations":"read";
    /// Make, change and close organisations.
    WriteOrganisations = "organisations":"write";
    /// See the states of signing keys.
    ReadKeys = "keys":"read";
    /// Rotate signing keys.
    WriteKeys = "keys":"write";
    /// See settings.
    ReadSettings = "settings":"read";
    /// Change settings.
    WriteSettings = "settings":"write";
    /// Search the audit log, and take it away.
    ReadAudit = "audit":"read";
}
