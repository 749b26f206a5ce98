//! Draws every page into a folder, to be looked at: `cargo run --example gallery -- OUT [LANG] [ACCENT]`.
//!
//! Serve the folder (its links to `/assets/` are absolute) and open `index.html`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use tessera::base::Timestamp;
use tessera::web::messages::{Lang, negotiate};
use tessera::web::views::account::{
    Account, AccountSession, Application, EmailSection, FIRST_CLIENT, PasswordSection,
    ProfileSection, Section,
};
use tessera::web::views::brand::DEFAULT_ACCENT;
use tessera::web::views::email::{Letter, MailKind};
use tessera::web::views::{
    Alert, Brand, CheckYourMail, ConfirmEmail, ConfirmReturn, Consent, Continue, EmailVerified,
    ErrorKind, ErrorPage, FactorSection, Field, ForgotPassword, Form, FormPost, Home, LinkExpired,
    MailPurpose, Notice, Page, PasskeyAlert, PasskeyLine, PasskeyNew, PasskeyPage, PasskeyPrompt,
    PasswordChanged, PhoneSection, Problem, ResetPassword, ScopeLine, SetupAdmin, SignIn, SignOut,
    SignUp, SignedOut, Step, StepMethod,
};

type Outcome = Result<(), Box<dyn Error>>;

const NOW: Timestamp = Timestamp::from_seconds(1_773_500_000);

struct Gallery {
    folder: PathBuf,
    page: Page,
    names: Vec<String>,
}

/// Enough for the script to show its form.
fn prompt() -> PasskeyPrompt {
    PasskeyPrompt {
        options: r#"{"challenge":"AAAA","rpId":"localhost","allowCredentials":[]}"#.to_owned(),
        state: "state".to_owned(),
        fresh: "#".to_owned(),
    }
}

fn passkey(name: &str, model: Option<&str>, synced: bool, suspended: bool) -> PasskeyLine {
    PasskeyLine {
        id: name.to_lowercase().replace(' ', "-"),
        name: name.to_owned(),
        model: model.map(str::to_owned),
        synced,
        verified: !suspended,
        created: NOW,
        last_used: synced.then_some(NOW),
        suspended,
    }
}

fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("which folder?")?);
    let lang = negotiate(&Lang::ALL, &args.next().unwrap_or_default(), "");
    let accent = args.next().unwrap_or_else(|| DEFAULT_ACCENT.to_owned());
    let mut brand = Brand::new("Tessera", &accent);
    brand.help_url = Some("https://example.com/help".to_owned());
    brand.privacy_url = Some("https://example.com/privacy".to_owned());
    brand.terms_url = Some("https://example.com/terms".to_owned());
    std::fs::create_dir_all(folder.join("assets"))?;
    assets(&folder, &brand)?;
    let page = Page::new(
        Arc::new(brand),
        lang,
        NOW,
        "01957f3e-8d1c-7a52-b1a4-2f0c9c6e5d10",
    )
    .with_csrf("csrf-token");
    let mut gallery = Gallery {
        folder,
        page,
        names: Vec::new(),
    };
    gallery.sign_in()?;
    gallery.consent()?;
    gallery.errors()?;
    gallery.sign_out()?;
    gallery.join()?;
    gallery.recover()?;
    gallery.account()?;
    gallery.mails(lang)?;
    gallery.index()
}

fn assets(folder: &Path, brand: &Brand) -> Outcome {
    let sheet = brand.stylesheet_url();
    for url in [
        "tessera.css",
        "tessera.js",
        "form_post.js",
        "favicon.svg",
        "mosaic.svg",
    ]
    .map(tessera::web::assets::url)
    .into_iter()
    .chain([sheet.as_str()])
    {
        let name = url.strip_prefix("/assets/").unwrap_or(url);
        let asset = brand.asset(name).ok_or("an asset is missing")?;
        std::fs::write(folder.join("assets").join(name), asset.bytes)?;
    }
    Ok(())
}

fn ticket() -> String {
    "Zt3v8Q/opaque+ticket=".to_owned()
}

impl Gallery {
    fn write(&mut self, name: &str, view: &impl Template) -> Outcome {
        std::fs::write(self.folder.join(format!("{name}.html")), view.render()?)?;
        self.names.push(name.to_owned());
        Ok(())
    }

    fn index(&self) -> Outcome {
        let links: Vec<String> = self
            .names
            .iter()
            .map(|name| format!("<li><a href=\"{name}.html\">{name}</a></li>"))
            .collect();
        std::fs::write(
            self.folder.join("index.html"),
            format!("<ul>{}</ul>", links.concat()),
        )?;
        Ok(())
    }

    fn sign_in(&mut self) -> Outcome {
        let page = self.page.clone();
        let view = |client: Option<&str>, username: &str, form: Form| SignIn {
            puzzle: None,
            page: page.clone(),
            form,
            notice: None,
            client: client.map(str::to_owned),
            request: Some(ticket()),
            username: username.to_owned(),
            again: false,
            sign_up: true,
            forgot_password: true,
            magic_link: true,
            passkey: Some(prompt()),
        };
        self.write("sign_in", &view(Some("Aurora Notes"), "", Form::default()))?;
        let wrong = Form::failed(Alert::WrongCredentials);
        self.write("sign_in_wrong", &view(Some("Aurora Notes"), "ada", wrong))?;
        let wait = Duration::from_secs(100);
        let slow = Form::failed(Alert::SlowDown { wait });
        self.write("sign_in_slow", &view(None, "ada", slow))?;
        let mut plain = view(None, "", Form::default());
        plain.notice = Some(Notice::PasswordChanged);
        plain.sign_up = false;
        self.write("sign_in_plain", &plain)?;
        let mut again = view(Some("Aurora Notes"), "ada", Form::default());
        again.again = true;
        self.write("sign_in_again", &again)?;
        let code = Step {
            page: page.clone(),
            form: Form::with_problems(vec![(Field::Code, Problem::WrongCode)]),
            request: Some(ticket()),
            to: "/account".to_owned(),
            client: Some("Aurora Notes".to_owned()),
            username: "ada".to_owned(),
            method: StepMethod("totp"),
            sending: None,
            passkey: None,
            lost: Some("/sign-in/recover".to_owned()),
            others: vec![(StepMethod("recovery_code"), "#".to_owned())],
        };
        self.write("step", &code)?;
        let passkey = Step {
            form: Form::default(),
            method: StepMethod("passkey"),
            passkey: Some(prompt()),
            others: vec![(StepMethod("password"), "#".to_owned())],
            ..code
        };
        self.write("step_passkey", &passkey)
    }

    fn consent(&mut self) -> Outcome {
        let scopes = [
            "openid",
            "profile",
            "email",
            "offline_access",
            "notes:write",
        ];
        let consent = Consent {
            page: self.page.clone().signed_in_as("Ada Lovelace"),
            request: Some(ticket()),
            person: "01957f3e-8d1c-7a52-b1a4-2f0c9c6e5d10".to_owned(),
            client: "Aurora Notes".to_owned(),
            logo: None,
            client_uri: Some((
                "https://aurora.example/".to_owned(),
                "aurora.example".to_owned(),
            )),
            policy_uri: Some("https://aurora.example/privacy".to_owned()),
            tos_uri: Some("https://aurora.example/terms".to_owned()),
            scopes: scopes.map(ScopeLine::new).to_vec(),
            resources: vec!["https://api.aurora.example/v2".to_owned()],
            redirect_host: "app.aurora.example".to_owned(),
            trial: false,
        };
        self.write("consent", &consent)?;
        let hostile = Consent {
            client: "\u{202e}<script>alert(1)</script> Ein wirklich sehr langer Anwendungsname"
                .to_owned(),
            client_uri: None,
            policy_uri: None,
            scopes: vec![ScopeLine::new("openid")],
            resources: Vec::new(),
            ..consent
        };
        self.write("consent_hostile", &hostile)?;
        let post = FormPost {
            page: self.page.clone(),
            action: "/received".to_owned(),
            client: "Aurora Notes".to_owned(),
            params: vec![("code".to_owned(), "\"><b>".to_owned())],
        };
        self.write("form_post", &post)?;
        let confirm = ConfirmReturn {
            page: self.page.clone(),
            host: "aurora.example".to_owned(),
            code: "invalid_request",
            url: "https://aurora.example/cb?error=invalid_request".to_owned(),
            fields: None,
        };
        self.write("confirm_return", &confirm)
    }

    fn errors(&mut self) -> Outcome {
        for kind in ErrorKind::ALL {
            let mut view = ErrorPage::new(self.page.clone(), kind);
            if kind == ErrorKind::BadRedirectUri {
                view.code = Some("invalid_request".to_owned());
                view.detail = Some("redirect_uri is not registered for this client".to_owned());
            }
            if kind == ErrorKind::TooMany {
                view.retry_after = Some(Duration::from_secs(45));
            }
            self.write(&format!("error_{kind:?}").to_lowercase(), &view)?;
        }
        Ok(())
    }

    fn sign_out(&mut self) -> Outcome {
        let page = self.page.clone().signed_in_as("Ada Lovelace");
        let confirm = SignOut {
            page,
            client: None,
            flaw: None,
            request: None,
            person: String::new(),
        };
        self.write("sign_out", &confirm)?;
        let asked = SignOut {
            client: Some("Aurora Notes".to_owned()),
            flaw: Some("post_logout_redirect_uri"),
            ..confirm
        };
        self.write("sign_out_flaw", &asked)?;
        let done = SignedOut {
            page: self.page.clone(),
            others: true,
            flaw: None,
            frames: Vec::new(),
            next: None,
        };
        self.write("signed_out", &done)?;
        let next = Continue {
            client: "Aurora Notes".to_owned(),
            url: "https://notes.example/".to_owned(),
            at_once: false,
        };
        let next = Some(next);
        self.write("signed_out_continue", &SignedOut { next, ..done })
    }

    fn join(&mut self) -> Outcome {
        let page = self.page.clone();
        let sign_up = |form: Form| SignUp {
            page: page.clone(),
            form,
            client: Some("Aurora Notes".to_owned()),
            request: Some(ticket()),
            email: "ada@".to_owned(),
            name: String::new(),
            password_min: 12,
        };
        self.write("sign_up", &sign_up(Form::default()))?;
        let bad = Form::with_problems(vec![
            (Field::Email, Problem::NotAnEmail),
            (Field::Password, Problem::TooShort { min: 12 }),
        ]);
        self.write("sign_up_problems", &sign_up(bad))?;
        for (name, purpose) in [
            ("check_mail_sign_up", MailPurpose::SignUp),
            ("check_mail_reset", MailPurpose::ResetPassword),
        ] {
            let view = CheckYourMail {
                page: page.clone(),
                purpose,
                sent_to: "ada@example.com".to_owned(),
                request: Some(ticket()),
            };
            self.write(name, &view)?;
        }
        let confirm = ConfirmEmail {
            page: page.clone(),
            token: "token".to_owned(),
            email: "ada@example.com".to_owned(),
        };
        self.write("confirm_email", &confirm)?;
        let verified = EmailVerified {
            page: page.clone(),
            request: Some(ticket()),
        };
        self.write("email_verified", &verified)?;
        let setup = SetupAdmin {
            page: page.clone(),
            form: Form::default(),
            token: "token".to_owned(),
            username: String::new(),
            email: String::new(),
            password_min: 12,
        };
        self.write("setup_admin", &setup)
    }

    fn recover(&mut self) -> Outcome {
        let page = self.page.clone();
        let forgot = ForgotPassword {
            page: page.clone(),
            form: Form::default(),
            request: Some(ticket()),
            identifier: String::new(),
        };
        self.write("forgot_password", &forgot)?;
        let reset = ResetPassword {
            page: page.clone(),
            form: Form::with_problems(vec![(Field::Password, Problem::TooCommon)]),
            token: "token".to_owned(),
            username: "ada".to_owned(),
            password_min: 12,
        };
        self.write("reset_password", &reset)?;
        let changed = PasswordChanged {
            page: page.clone(),
            request: None,
        };
        self.write("password_changed", &changed)?;
        for setup in [false, true] {
            let page = page.clone();
            self.write(
                &format!("link_expired_{setup}"),
                &LinkExpired { page, setup },
            )?;
        }
        Ok(())
    }

    fn account(&mut self) -> Outcome {
        let page = self.page.clone();
        let home = Home {
            page: page.clone(),
            sign_up: true,
        };
        self.write("home", &home)?;
        let hours = |h| NOW - Duration::from_hours(h);
        let app = |name: &str, scopes: &[&str], since| Application {
            client_id: name.to_lowercase(),
            name: name.to_owned(),
            open: (name == "Aurora Notes").then(|| "https://aurora.example/login".to_owned()),
            scopes: scopes.iter().map(|&s| s.to_owned()).collect(),
            since,
        };
        let session = |user_agent: &str, address: &str, last_seen, current| AccountSession {
            session_id: address.to_owned(),
            user_agent: user_agent.to_owned(),
            address: address.to_owned(),
            last_seen,
            current,
        };
        let full = ["openid", "profile", "email", "offline_access"];
        let account = Account {
            administers: true,
            recovery: None,
            page: page.signed_in_as("Ada Lovelace"),
            first_steps: None,
            notice: Some(Notice::AccessRevoked),
            refused: None,
            profile: ProfileSection {
                username: "ada".to_owned(),
                name: "Ada Lovelace".to_owned(),
                facts: Vec::new(),
            },
            email: EmailSection {
                address: "ada@example.com".to_owned(),
                verified: true,
                pending: Some("ada@lovelace.example".to_owned()),
                can_change: true,
            },
            password: PasswordSection {
                username: "ada".to_owned(),
                exists: true,
                min: 12,
            },
            events: Vec::new(),
            grace: "14 days".to_owned(),
            factors: FactorSection {
                phone: Some(PhoneSection {
                    number: Some("+4915112345678".to_owned()),
                }),
                apps: 1,
                tokens: vec!["Token 4711".to_owned()],
                recovery_left: Some(2),
                few: true,
            },
            applications: vec![
                app("Aurora Notes", &full, hours(1_900)),
                app("Brass Ledger", &["openid", "ledger:read"], hours(30)),
            ],
            sessions: vec![
                session(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Gecko/1 Firefox/127.0",
                    "203.0.113.7",
                    NOW,
                    true,
                ),
                session(
                    "Mozilla/5.0 (iPhone) Mobile Safari/604.1",
                    "2001:db8::17",
                    hours(3),
                    false,
                ),
                session("", "198.51.100.20", hours(50), false),
            ],
            passkeys: Some(vec![
                passkey("Apple Passwords", None, true, false),
                passkey("Blue key", Some("YubiKey 5 NFC"), false, false),
                passkey("Old key", Some("YubiKey 5"), false, true),
            ]),
        };
        self.write("account", &account)?;
        let empty = Account {
            first_steps: Some(FIRST_CLIENT),
            notice: None,
            applications: Vec::new(),
            refused: Some((
                Section::Password,
                Form::with_problems(vec![(Field::CurrentPassword, Problem::WrongPassword)]),
            )),
            passkeys: Some(Vec::new()),
            ..account
        };
        self.write("account_problems", &empty)?;
        self.passkey_pages()
    }

    fn passkey_pages(&mut self) -> Outcome {
        let one = PasskeyPage {
            page: self.page.clone(),
            form: Form::failed(Alert::Passkey(PasskeyAlert::LastWay)),
            passkey: passkey("Blue key", Some("YubiKey 5 NFC"), false, false),
            name: "Blue key".to_owned(),
        };
        self.write("passkey", &one)?;
        let new = PasskeyNew {
            page: self.page.clone(),
            form: Form::default(),
            prompt: prompt(),
        };
        self.write("passkey_new", &new)
    }

    fn mails(&mut self, lang: Lang) -> Outcome {
        for kind in MailKind::ALL.iter().cloned() {
            let name = format!("mail_{kind:?}").to_lowercase();
            let mail = Letter {
                kind,
                lang,
                brand: "Tessera",
                accent: "#3451b2",
                name: "Ada",
                link: "https://id.example.com/verify-email?token=8Xq1ZlY0cV7m",
                valid_for: Some(Duration::from_hours(1)),
            }
            .write()?;
            std::fs::write(self.folder.join(format!("{name}.html")), mail.html)?;
            std::fs::write(self.folder.join(format!("{name}.txt")), mail.text)?;
            self.names.push(name);
        }
        Ok(())
    }
}
