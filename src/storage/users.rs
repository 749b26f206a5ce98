//! People.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Reader, Row, StorageError, Tx, args, words};
use crate::base::Timestamp;
use crate::base::ids::{OrganisationId, UserId};

/// A person's account.
#[derive(Clone, Debug)]
pub struct User {
    /// The `sub`.
    pub id: UserId,
    /// What the person types; `preferred_username`.
    pub username: String,
    /// `email`.
    pub email: String,
    /// `email_verified`.
    pub email_verified: bool,
    /// The other standard claims (OpenID Connect Core §5.1), by their claim names.
    pub profile: Profile,
    /// An Argon2id PHC string; `None` cannot sign in with a password.
    pub password_hash: Option<String>,
    /// It was chosen with a link by mail, and not changed since.
    pub password_by_mail: bool,
    /// The organisation that the account belongs to; `None`: the deployment.
    pub organisation: Option<OrganisationId>,
    /// How often administrators wrote it: what `If-Match` compares.
    pub version: i64,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed: `updated_at`.
    pub updated_at: Timestamp,
    /// A disabled account cannot sign in, and nothing that it allowed works.
    pub disabled: bool,
    /// Its owner asked for its deletion, which is due then.
    pub delete_at: Option<Timestamp>,
}

/// Standard claims beyond the name and the address that everybody has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(pub Map<String, Value>);

impl User {
    /// The name for people: `name`, or the user name.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.profile.name().unwrap_or(&self.username)
    }

    /// What administrators find the account by.
    #[must_use]
    pub fn words(&self) -> BTreeSet<String> {
        let name = self.profile.name().unwrap_or_default();
        words::of([&*self.username, &*self.email, name])
    }
}

impl User {
    /// Another address, proven. Who signs in with the address goes on to.
    pub fn take_email(&mut self, email: &str) {
        if comparable(&self.username) == comparable(&self.email) {
            email.clone_into(&mut self.username);
        }
        email.clone_into(&mut self.email);
        self.email_verified = true;
    }
}

impl Profile {
    /// The claim `name`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.get("name").and_then(Value::as_str)
    }
}

/// The form in which names and addresses are compared: lower case, without surrounding space.
#[must_use]
pub fn comparable(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Nobody of a closed organisation signs in.
macro_rules! closed {
    () => {
        "(SELECT disabled_at FROM organisation o WHERE o.id = users.organisation_id) AS closed_at"
    };
}

pub(super) use closed;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, username, email, email_verified, profile, password_hash, password_by_mail, ",
            "organisation_id, ",
            "version, created_at, updated_at, disabled_at, delete_at, ",
            closed!(),
            " FROM users ",
            $rest
        )
    };
}

pub(super) fn read(row: &Row) -> Result<User, StorageError> {
    Ok(User {
        id: UserId(row.id("id")?),
        username: row.text("username")?,
        email: row.text("email")?,
        email_verified: row.get("email_verified")?,
        profile: row.json("profile")?,
        password_hash: row.get("password_hash")?,
        password_by_mail: row.get("password_by_mail")?,
        organisation: row
            .get::<Option<uuid::Uuid>>("organisation_id")?
            .map(OrganisationId),
        version: row.get("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        disabled: row.time_or_null("disabled_at")?.is_some()
            || row.time_or_null("closed_at")?.is_some(),
        delete_at: row.time_or_null("delete_at")?,
    })
}

/// Finds an account by its id.
///
/// # Errors
/// As the database says.
pub async fn find(reader: &mut impl Reader, id: UserId) -> Result<Option<User>, StorageError> {
    let row = reader.row(select!("WHERE id = $1"), args![id]).await?;
    row.as_ref().map(read).transpose()
}

/// Finds an account by its user name or its e-mail address. A user name never looks like another
/// account's address: it holds no `@` unless it is the account's own.
///
/// # Errors
/// As the database says.
pub async fn find_by_login(
    reader: &mut impl Reader,
    login: &str,
) -> Result<Option<User>, StorageError> {
    let key = comparable(login);
    let row = reader
        .row(
            select!("WHERE username_key = $1 OR email_key = $1"),
            args![key],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Adds an account.
///
/// # Errors
/// [`StorageError::Conflict`] if the user name or the address is taken.
pub async fn insert(tx: &mut Tx<'_>, user: &User) -> Result<(), StorageError> {
    let profile = serde_json::to_string(&user.profile).map_err(StorageError::unexpected)?;
    tx.execute(
        "INSERT INTO users (id, username, username_key, email, email_key, email_verified, profile, \
         password_hash, organisation_id, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        args![
            user.id,
            user.username.as_str(),
            comparable(&user.username),
            user.email.as_str(),
            comparable(&user.email),
            user.email_verified,
            profile,
            user.password_hash.clone(),
            user.organisation,
            user.created_at
        ],
    )
    .await?;
    write_words(tx, user).await
}

/// Locks an account until the transaction ends, and reads it as it is then.
///
/// # Errors
/// As the database says.
pub async fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>, StorageError> {
    let row = tx
        .row(
            concat!(
                "UPDATE users SET updated_at = updated_at WHERE id = $1 RETURNING *, ",
                closed!()
            ),
            args![id],
        )
        .await?;
    row.as_ref().map(read).transpose()
}

/// Locks the accounts of an organisation: whoever is signing in is waited for.
///
/// # Errors
/// As the database says.
pub async fn lock_all_of(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET updated_at = updated_at WHERE organisation_id = $1",
        args![organisation],
    )
    .await?;
    Ok(())
}

/// Writes the names, the address and the profile. Call it under [`lock`].
///
/// # Errors
/// [`StorageError::Conflict`] if the user name or the address is taken.
pub async fn update(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<(), StorageError> {
    let profile = serde_json::to_string(&user.profile).map_err(StorageError::unexpected)?;
    tx.execute(
        "UPDATE users SET email = $1, email_key = $2, email_verified = $3, profile = $4, \
         updated_at = $5, username = $7, username_key = $8, version = version + 1 WHERE id = $6",
        args![
            user.email.as_str(),
            comparable(&user.email),
            user.email_verified,
            profile,
            now,
            user.id,
            user.username.as_str(),
            comparable(&user.username)
        ],
    )
    .await?;
    tx.execute("DELETE FROM user_word WHERE user_id = $1", args![user.id])
        .await?;
    write_words(tx, user).await
}

async fn write_words(tx: &mut Tx<'_>, user: &User) -> Result<(), StorageError> {
    for word in user.words() {
        tx.execute(
            "INSERT INTO user_word (word, user_id, organisation_id) VALUES ($1, $2, $3)",
            args![word, user.id, user.organisation],
        )
        .await?;
    }
    Ok(())
}

/// Accounts in the order in which they were made: those after `after`.
///
/// # Errors
/// As the database says.
pub async fn page(
    reader: &mut impl Reader,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<User>, StorageError> {
    let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
    reader
        .rows(
            select!("WHERE id > $1 ORDER BY id LIMIT $2"),
            args![after, limit],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Replaces the password hash. Call it under [`lock`].
///
/// # Errors
/// As the database says.
pub async fn set_password(
    tx: &mut Tx<'_>,
    id: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET password_hash = $1, updated_at = $2 WHERE id = $3",
        args![hash, now, id],
    )
    .await?;
    Ok(())
}

/// Whether the password came by mail. Call it under [`lock`], beside [`set_password`].
///
/// # Errors
/// As the database says.
pub async fn note_password_by_mail(
    tx: &mut Tx<'_>,
    id: UserId,
    by_mail: bool,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET password_by_mail = $1 WHERE id = $2",
        args![by_mail, id],
    )
    .await?;
    Ok(())
}

/// Nobody signs in with a password until one is chosen anew. Call it under [`lock`].
///
/// # Errors
/// As the database says.
pub async fn clear_password(
    tx: &mut Tx<'_>,
    id: UserId,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET password_hash = NULL, updated_at = $1 WHERE id = $2",
        args![now, id],
    )
    .await?;
    Ok(())
}

/// The address was proven.
///
/// # Errors
/// As the database says.
pub async fn verify_email(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE users SET email_verified = $1, updated_at = $2 WHERE id = $3",
        args![true, now, id],
    )
    .await?;
    Ok(())
}

/// Disables or enables an account; false if there is none. One that is enabled is not deleted either.
///
/// # Errors
/// As the database says.
pub async fn set_disabled(
    tx: &mut Tx<'_>,
    id: UserId,
    disabled_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = if disabled_at.is_some() {
        "UPDATE users SET disabled_at = $1, updated_at = $2, version = version + 1 WHERE id = $3"
    } else {
        "UPDATE users SET disabled_at = $1, deletion_asked_at = NULL, delete_at = NULL, \
         updated_at = $2, version = version + 1 WHERE id = $3"
    };
    let changed = tx.execute(sql, args![disabled_at, now, id]).await?;
    Ok(changed == 1)
}
