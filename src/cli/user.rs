//! `tessera user`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::Format;
use super::token::{self, TokenCommand};
use super::user_belongings::{
    self as belongings, ConsentsCommand, CredentialsCommand, HistoryArgs,
};
use super::user_import::{self, ImportArgs};
use super::{Failure, input, output, start};
use crate::base::Secret;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::account::NewUser;
use crate::flows::people::UserChanges;
use crate::protocol::account_rules::AccountField;
use crate::protocol::audit::{Actor, Origin};
use crate::protocol::profile;
use crate::storage::users::User;

const CREATE_HELP: &str = "\
Example:
  printf %s 'correct horse battery staple' |
    tessera user create --username ada --email ada@example.com \\
      --name 'Ada Lovelace' --password-stdin

The password comes from standard input, never from an argument, which others
could see.";

const PROFILE_HELP: &str = r#"Example:
  tessera user update ada --profile - <<'JSON'
  {
    "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
    "birthdate": "1815-12-10", "zoneinfo": "Europe/London", "locale": "en-GB",
    "phone_number": "+44 20 7946 0000", "phone_number_verified": true,
    "address": { "locality": "London", "country": "UK" },
    "name#ja-Kana-JP": "エイダ・ラブレス",
    "attributes": { "department": "Engines", "employee_number": 1 }
  }
  JSON

The profile takes the place of the whole old one. Its members are the standard
claims of OpenID Connect Core section 5.1; what is your own goes under
attributes. What people read (names, gender, address, profile, picture, website)
may come in several languages: name#de, family_name#ja-Kana-JP. An application
gets the one that it asks for with claims_locales, or by that name with claims."#;

const RECOVER_HELP: &str = "\
Be sure who it is before you run this. The link works for a day, and only
together with the person's password; hand it over, do not mail it. What was lost
stops working when the new one is set up, and the person is signed out
everywhere.";

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create an account
    #[command(after_help = CREATE_HELP)]
    Create(CreateArgs),
    /// Change an account: its address, name, profile, or whether it may sign in
    #[command(after_help = PROFILE_HELP)]
    Update(UpdateArgs),
    /// Show an account with its profile
    Show {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        format: Format,
    },
    /// List all accounts
    List(Format),
    /// Import people from another system, with the passwords that they have
    #[command(after_help = user_import::HELP)]
    Import(ImportArgs),
    /// Let somebody who lost every second factor set up a new one
    #[command(after_help = RECOVER_HELP)]
    Recover(Who),
    /// Sign somebody out everywhere, and send them a link to choose another password
    Reset(Who),
    /// Delete an account at once, with everything that is its owner's
    Delete(Who),
    /// See how somebody can prove who they are, and take a device away
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// See what somebody allowed applications, and take it back
    #[command(subcommand)]
    Consents(ConsentsCommand),
    /// See what happened to an account
    History(HistoryArgs),
    /// Hand out hardware tokens, and take lost devices away
    #[command(subcommand)]
    Token(TokenCommand),
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The name to sign in with
    #[arg(long)]
    username: String,
    /// The e-mail address, taken for verified
    #[arg(long)]
    email: String,
    /// The full name
    #[arg(long)]
    name: Option<String>,
    /// Further claims as JSON, a file (see `tessera user update --help`)
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Make the account an administrator
    #[arg(long)]
    admin: bool,
    /// Read the password from standard input, up to the end of the first line
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Who {
    /// The user name, the e-mail address or the id
    #[arg(value_name = "USER")]
    user: String,
}

impl Who {
    pub(super) const fn named(user: String) -> Self {
        Self { user }
    }

    pub(super) async fn find(&self, tessera: &Tessera) -> Result<User, Failure> {
        find(tessera, &self.user).await
    }
}

/// The account with this user name, e-mail address or id.
pub(super) async fn find(tessera: &Tessera, name: &str) -> Result<User, Failure> {
    let found = tessera.find_user(name).await?;
    found.ok_or_else(|| Failure::new(format!("there is no account {name}")))
}

#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true, args = ["email", "name", "profile", "disable", "enable"])]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    who: Who,
    /// A new e-mail address, taken for verified
    #[arg(long)]
    email: Option<String>,
    /// A new full name; empty for none
    #[arg(long)]
    name: Option<String>,
    /// A new profile as JSON; - is standard input
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Sign the person out everywhere and refuse them
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Let a disabled person in again
    #[arg(long)]
    enable: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(command: UserCommand, config: Config) -> Result<(), Failure> {
    // Before anything is opened: a mistake in the file needs no database to be told.
    let profile = match &command {
        UserCommand::Create(args) => read_profile(args.profile.as_deref(), true)?,
        UserCommand::Update(args) => read_profile(args.profile.as_deref(), false)?,
        _ => None,
    };
    start::with_existing(config, async |tessera| match command {
        // Only now: who types a password in the wrong folder has typed it for nothing.
        UserCommand::Create(args) => create(tessera, args, read_password()?, profile).await,
        UserCommand::Update(args) => update(tessera, args, profile).await,
        UserCommand::Show { who, format } => show(&who.find(tessera).await?, &format),
        UserCommand::List(format) => list(tessera, format.json).await,
        UserCommand::Import(args) => user_import::run(tessera, args).await,
        UserCommand::Recover(who) => recover(tessera, &who).await,
        UserCommand::Reset(who) => belongings::reset(tessera, &who).await,
        UserCommand::Delete(who) => belongings::delete(tessera, &who).await,
        UserCommand::Credentials(command) => belongings::credentials(tessera, command).await,
        UserCommand::Consents(command) => belongings::consents(tessera, command).await,
        UserCommand::History(args) => belongings::history(tessera, args).await,
        UserCommand::Token(command) => token::run(tessera, command).await,
    })
    .await
}

fn read_profile(
    file: Option<&Path>,
    password_comes_too: bool,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(file) = file else { return Ok(None) };
    if password_comes_too && file == Path::new("-") {
        return Err(Failure::Usage(
            "standard input is for the password: give the profile as a file".to_owned(),
        ));
    }
    let profile = input::json(file)?;
    let problems = profile::problems(&profile);
    if !problems.is_empty() {
        return Err(Failure::new(problems.join("; ")));
    }
    Ok(Some(profile))
}

/// The bound keeps a wrong pipe from filling the memory; the real limit is the account's rule.
fn read_password() -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .map_err(Failure::new)?;
    let text = Secret::new(text);
    let line = text.expose().lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Failure::Usage(
            "standard input holds no password".to_owned(),
        ));
    }
    Ok(Secret::new(line.to_owned()))
}

async fn create(
    tessera: &Tessera,
    args: CreateArgs,
    password: Secret<String>,
    profile: Option<Map<String, Value>>,
) -> Result<(), Failure> {
    let new = NewUser {
        username: args.username,
        email: args.email,
        name: args.name.unwrap_or_default(),
        password,
        administrator: args.admin,
        email_verified: true,
    };
    let (profile, origin) = (profile.unwrap_or_default(), Origin::default());
    let made = tessera
        .create_user_with(new, profile, Actor::Operator, origin)
        .await?;
    let user = made.map_err(|problems| {
        let sentences: Vec<String> = problems
            .iter()
            .map(|(field, problem)| format!("{} {problem}", word(*field)))
            .collect();
        Failure::new(sentences.join("; "))
    })?;
    if args.format.json {
        return output::json(&shown(&user));
    }
    output::line(format!("Created {} ({})", user.username, user.id))
}

const fn word(field: AccountField) -> &'static str {
    match field {
        AccountField::Username => "the username (or the e-mail address)",
        AccountField::Email => "the e-mail address",
        AccountField::Name => "the name",
        AccountField::Password => "the password",
    }
}

async fn update(
    tessera: &Tessera,
    args: UpdateArgs,
    profile: Option<Map<String, Value>>,
) -> Result<(), Failure> {
    let user = args.who.find(tessera).await?;
    let changes = UserChanges {
        email: args.email,
        name: args.name,
        profile,
        disabled: (args.disable || args.enable).then_some(args.disable),
    };
    let user = tessera
        .change_user(user.id, changes, Actor::Operator, Origin::default())
        .await?
        .map_err(Failure::new)?;
    if args.format.json {
        return output::json(&shown(&user));
    }
    output::line(format!("Changed {} ({})", user.username, user.id))
}

async fn recover(tessera: &Tessera, who: &Who) -> Result<(), Failure> {
    let user = who.find(tessera).await?;
    let link = tessera
        .recover_by_operator(user.id, Origin::default())
        .await?
        .map_err(Failure::new)?;
    output::line(link.expose())
}

fn shown(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "organisation": user.organisation,
        "disabled": user.disabled,
        "created_at": user.created_at.rfc3339(),
        "updated_at": user.updated_at.rfc3339(),
        "profile": user.profile,
    })
}

fn show(user: &User, format: &Format) -> Result<(), Failure> {
    let shown = shown(user);
    if format.json {
        return output::json(&shown);
    }
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let members = shown.as_object().into_iter().flatten();
    let profile = user
        .profile
        .0
        .iter()
        .map(|(claim, value)| (format!("profile.{claim}"), value));
    let rows: Vec<[String; 2]> = members
        .filter(|(name, _)| *name != "profile")
        .map(|(name, value)| (name.clone(), value))
        .chain(profile)
        .map(|(name, value)| [name, plain(value)])
        .collect();
    output::table(&rows)
}

async fn list(tessera: &Tessera, json: bool) -> Result<(), Failure> {
    let mut all: Vec<User> = Vec::new();
    loop {
        let page = tessera
            .user_page(all.last().map(|user| user.id), 500)
            .await?;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    if json {
        let all: Vec<Value> = all.iter().map(shown).collect();
        return output::json(&all);
    }
    let administrators = tessera.administrators().await?;
    let mut rows = vec![["ID", "USERNAME", "EMAIL", "NAME", "STATE"].map(str::to_owned)];
    rows.extend(all.into_iter().map(|user| {
        let state = match (user.disabled, administrators.contains(&user.id)) {
            (true, _) => "disabled",
            (false, true) => "administrator",
            (false, false) => "enabled",
        };
        let name = user.profile.0.get("name").and_then(Value::as_str);
        let name = name.unwrap_or_default().to_owned();
        [
            user.id.to_string(),
            user.username,
            user.email,
            name,
            state.to_owned(),
        ]
    }));
    output::table(&rows)
}
