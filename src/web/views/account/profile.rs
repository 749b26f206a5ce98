//! Who the person is.

use askama::Template;
use askama_web::WebTemplate;

use crate::web::messages::Message;
use crate::web::views::{Field, Form, Page};

/// The section of the page.
#[derive(Clone, Debug)]
pub struct ProfileSection {
    /// The username.
    pub username: String,
    /// The name to show; the username if the person gave none.
    pub name: String,
    /// The other claims that are there: what they are called, and what they say.
    pub facts: Vec<(Message, String)>,
}

/// `GET /account/profile`: a field for each claim that people change themselves.
#[derive(Template, WebTemplate)]
#[template(path = "account/edit_profile.html")]
pub struct EditProfile {
    /// What every page is given.
    pub page: Page,
    /// What went wrong.
    pub form: Form,
    /// The fields.
    pub fields: Vec<ProfileField>,
}

/// One field.
#[derive(Clone, Debug)]
pub struct ProfileField {
    /// Which.
    pub field: Field,
    /// What it holds.
    pub value: String,
    /// The token of the HTML standard for filling it in.
    pub autocomplete: &'static str,
    /// How it is written, where that is not plain.
    pub hint: Option<Message>,
}

impl EditProfile {
    /// How a field is written; empty where that is plain.
    fn hint(&self, item: &ProfileField) -> String {
        let hint = item.hint.as_ref();
        hint.map_or_else(String::new, |hint| self.page.say(hint))
    }
}
