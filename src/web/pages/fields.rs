//! What the rules say about fields, in the words of the forms.

use crate::flows::account::Problems;
use crate::protocol::account_rules::{AccountField, AccountProblem};
use crate::web::views::{Field, Form, Problem};

/// One problem.
#[must_use]
pub const fn problem(problem: AccountProblem) -> Problem {
    match problem {
        AccountProblem::Missing => Problem::Missing,
        AccountProblem::TooShort(min) => Problem::TooShort { min },
        AccountProblem::TooLong(max) => Problem::TooLong { max },
        AccountProblem::NotAnEmail => Problem::NotAnEmail,
        AccountProblem::BadCharacters => Problem::BadCharacters,
        AccountProblem::Taken => Problem::Taken,
        AccountProblem::TooCommon => Problem::TooCommon,
        AccountProblem::TooSimilar => Problem::TooSimilar,
        AccountProblem::TooWeak => Problem::TooWeak,
        AccountProblem::Unchanged => Problem::Unchanged,
        AccountProblem::Leaked => Problem::Leaked,
    }
}

/// All of them.
#[must_use]
pub fn form(problems: Problems) -> Form {
    Form::with_problems(
        problems
            .into_iter()
            .map(|(field, why)| {
                let field = match field {
                    AccountField::Username => Field::Username,
                    AccountField::Email => Field::Email,
                    AccountField::Name => Field::Name,
                    AccountField::Password => Field::Password,
                };
                (field, problem(why))
            })
            .collect(),
    )
}
