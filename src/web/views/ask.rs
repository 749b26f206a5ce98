//! Pages behind the links of letters: a question with its answers, and what came of one.

use askama::Template;
use askama_web::WebTemplate;

use super::Page;
use crate::web::messages::{Html, rich};

/// One answer to a question.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The id of the button, and what it posts as `decision`.
    pub id: &'static str,
    /// What stands on it.
    pub label: &'static str,
}

/// A question. Asked with a button, so that software that follows links in mail does not answer it.
#[derive(Template, WebTemplate)]
#[template(path = "pages/ask.html")]
pub struct Ask {
    /// What every page is given.
    pub page: Page,
    /// The heading.
    pub title: &'static str,
    /// What it is about.
    pub text: &'static str,
    /// The names in it.
    pub names: Vec<(&'static str, String)>,
    /// What will happen.
    pub points: Vec<&'static str>,
    /// Where the form posts to.
    pub action: &'static str,
    /// The one-time link.
    pub token: String,
    /// The answers, the expected one first.
    pub answers: Vec<Answer>,
}

/// What came of it.
#[derive(Template, WebTemplate)]
#[template(path = "pages/told.html")]
pub struct Told {
    /// What every page is given.
    pub page: Page,
    /// The heading.
    pub title: &'static str,
    /// What it says.
    pub text: &'static str,
    /// The names in it.
    pub names: Vec<(&'static str, String)>,
    /// The way on: where, and what stands on the button.
    pub onward: Option<(&'static str, &'static str)>,
}

fn with_names(page: &Page, key: &str, names: &[(&'static str, String)]) -> Html {
    let names: Vec<(&'static str, &str)> = names.iter().map(|(n, v)| (*n, v.as_str())).collect();
    rich(page.lang, key, &names)
}

impl Ask {
    fn sentence(&self) -> Html {
        with_names(&self.page, self.text, &self.names)
    }
}

impl Told {
    fn sentence(&self) -> Html {
        with_names(&self.page, self.text, &self.names)
    }
}
