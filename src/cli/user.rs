//! `tessera user`.

use std::io::Read as _;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, output, start};
use crate::base::Secret;
use crate::base::ids::UserId;
use crate::config::Config;
use crate::flows::Tessera;
use crate::flows::account::NewUser;
use crate::protocol::account_rules::AccountField;
use crate::protocol::audit::{Actor, Origin};

const CREATE_HELP: &str = "\
Example:
  printf %s 'correct horse battery staple' |
    tessera user create --username ada --email ada@example.com --name 'Ada Lovelace' --password-stdin

The password comes from standard input, never from an argument, which others could see.";

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create an account
    #[command(after_help = CREATE_HELP)]
    Create(CreateArgs),
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
    /// Make the account an administrator
    #[arg(long)]
    admin: bool,
    /// Read the password from standard input, up to the end of the first line
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: UserCommand, config: Config) -> Result<(), Failure> {
    let UserCommand::Create(args) = command;
    start::with_existing(config, async |tessera| {
        // Only now: who types a password in the wrong folder has typed it for nothing.
        let id = create(tessera, &args, read_password()?).await?;
        if args.json {
            return output::json(&json!({
                "id": id,
                "username": args.username,
                "email": args.email,
                "admin": args.admin,
            }));
        }
        output::line(format!("Created {} ({id})", args.username))
    })
    .await
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
    args: &CreateArgs,
    password: Secret<String>,
) -> Result<UserId, Failure> {
    let new = NewUser {
        username: args.username.clone(),
        email: args.email.clone(),
        name: args.name.clone().unwrap_or_default(),
        password,
        is_admin: args.admin,
        email_verified: true,
    };
    match tessera
        .create_user(new, Actor::Operator, Origin::default())
        .await?
    {
        Ok(user) => Ok(user.id),
        Err(problems) => {
            let sentences: Vec<String> = problems
                .iter()
                .map(|(field, problem)| format!("{} {problem}", word(*field)))
                .collect();
            Err(Failure::new(sentences.join("; ")))
        }
    }
}

const fn word(field: AccountField) -> &'static str {
    match field {
        AccountField::Username => "the username (or the e-mail address)",
        AccountField::Email => "the e-mail address",
        AccountField::Name => "the name",
        AccountField::Password => "the password",
    }
}
