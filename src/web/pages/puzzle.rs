//! The puzzle on the sign-in page, where one is asked for.

use axum::response::Response;

use crate::flows::Internal;
use crate::web::App;
use crate::web::extract::{Pending, Visitor};
use crate::web::layers::headers::Elsewhere;
use crate::web::respond;
use crate::web::views::{Puzzle, SignIn};

/// The page, with the puzzle if whoever tries `login` next has to solve one. Only then may it load anything
/// from elsewhere.
pub async fn show<From: AsRef<Visitor>>(
    app: &App,
    pending: &Pending<From>,
    login: &str,
    view: SignIn,
) -> Response {
    let visitor = pending.from.as_ref();
    let puzzle = match due(app, visitor, login).await {
        Ok(puzzle) => puzzle,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let elsewhere = puzzle.is_some().then(|| sources(app));
    let view = SignIn { puzzle, ..view };
    let mut response = visitor.show_towards(pending.target().as_deref(), view);
    if let Some(elsewhere) = elsewhere {
        response.extensions_mut().insert(elsewhere);
    }
    response
}

async fn due(app: &App, visitor: &Visitor, login: &str) -> Result<Option<Puzzle>, Internal> {
    let settings = &app.config.captcha;
    let (Some(script), Some(site_key)) = (&settings.script, &settings.site_key) else {
        return Ok(None);
    };
    let visit = visitor.visit();
    let asks = app.asks_for_captcha(login, &visit, &visitor.origin);
    Ok(asks.await?.then(|| Puzzle {
        script: script.url().to_string(),
        class: settings.class.clone(),
        site_key: site_key.clone(),
    }))
}

fn sources(app: &App) -> Elsewhere {
    let settings = &app.config.captcha;
    let all = settings.script.iter().chain(&settings.origins);
    let all: Vec<_> = all.map(|url| url.url().to_string()).collect();
    Elsewhere::new(&all)
}
