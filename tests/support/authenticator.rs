//! An authenticator app.

use tessera::storage::users::User;

use super::{Browser, Page, World};

/// Where people set one up.
pub const PAGE: &str = "/account/authenticator";

/// An app that somebody set up.
#[derive(Clone)]
pub struct Authenticator {
    world: World,
    seed: Vec<u8>,
    /// What was shown beside the first one.
    pub recovery: Vec<String>,
}

impl Authenticator {
    /// Sets one up for a person, who signs in for it in a browser of their own.
    pub async fn of(world: &World, user: &User) -> Self {
        let mut browser = Browser::new(world);
        let page = browser.open("/sign-in").await;
        browser
            .sign_in(&page, &user.username, super::world::PASSWORD)
            .await;
        let page = browser.open(PAGE).await;
        let mut app = Self::scan(world, &page);
        let done = app.confirm(&mut browser, &page, PAGE).await;
        assert_eq!(done.answer.status, 200, "{}", done.answer.body);
        app.recovery = recovery_codes(&done);
        // What it is told of is not what the test is about.
        world.all_letters().await;
        // The next code is another one.
        world.advance(30);
        app
    }

    /// Types the seed of the page into an app.
    pub fn scan(world: &World, page: &Page) -> Self {
        let (_, rest) = page
            .answer
            .body
            .split_once("id=\"seed\">")
            .unwrap_or_else(|| panic!("no seed: {} {}", page.url, page.answer.body));
        let seed = rest.split('<').next().unwrap_or_default().replace(' ', "");
        let seed = totp_rs::Secret::try_from_base32(seed).expect("Base32");
        Self {
            world: world.clone(),
            seed: seed.as_ref().to_vec(),
            recovery: Vec::new(),
        }
    }

    /// Types the code of now into the page that was scanned.
    pub async fn confirm(&self, browser: &mut Browser, page: &Page, action: &str) -> Page {
        confirm_with(browser, page, action, &self.code()).await
    }

    /// As somebody would find it who looks through a database.
    pub fn seed_as_it_could_be_written(&self) -> [String; 5] {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
        let seed = &self.seed;
        let hex = seed
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let list = serde_json::to_string(seed).expect("JSON");
        [
            STANDARD.encode(seed),
            STANDARD_NO_PAD.encode(seed),
            URL_SAFE_NO_PAD.encode(seed),
            hex,
            list,
        ]
    }

    /// The code of now.
    pub fn code(&self) -> String {
        self.code_after(0)
    }

    /// The code of a clock that is ahead by so many seconds.
    pub fn code_after(&self, ahead: i64) -> String {
        let seconds = self.world.tessera.now().seconds() + ahead;
        let seconds = u64::try_from(seconds).expect("after 1970");
        let machine = totp_rs::Builder::new()
            .with_secret(self.seed.clone())
            .build_noncompliant();
        machine.generate(seconds).to_string()
    }

    /// Types the code of now into the page that asks for it.
    pub async fn answer(&self, browser: &mut Browser, page: &Page) -> Page {
        browser.step(page, "totp", "code", &self.code()).await
    }
}

/// Types a code into the page that sets an app up.
pub async fn confirm_with(browser: &mut Browser, page: &Page, action: &str, code: &str) -> Page {
    // There may be another form in front of it, for a passkey.
    let (_, form) = page
        .answer
        .body
        .split_once("value=\"add\"")
        .expect("a form");
    let (_, state) = form.split_once("name=\"state\" value=\"").expect("a state");
    let state = state.split('"').next().unwrap_or_default();
    let fields = [
        ("change", "add"),
        ("state", state),
        ("code", code),
        ("name", "Telephone"),
    ];
    browser.submit(page, action, &fields).await
}

/// The codes that a page shows once; none if it shows none.
pub fn recovery_codes(page: &Page) -> Vec<String> {
    let body = &page.answer.body;
    let Some((_, list)) = body.split_once("id=\"recovery-codes\"") else {
        return Vec::new();
    };
    let list = list.split("</ol>").next().unwrap_or_default();
    list.split("<code>")
        .skip(1)
        .filter_map(|item| item.split('<').next().map(str::to_owned))
        .collect()
}
