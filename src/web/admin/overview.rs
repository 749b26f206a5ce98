//! `/admin`: how things are.

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::{shown, value};
use crate::base::ids::OrganisationId;
use crate::flows::access::{Administrator, Asking};
use crate::flows::statistics::{Series, Span, Statistics};
use crate::flows::{Internal, rotate_keys};
use crate::protocol::access::Power;
use crate::protocol::access::power::{ReadAudit, ReadKeys, ReadSettings};
use crate::protocol::key_lifecycle::KeyState;
use crate::web::App;
use crate::web::extract::{Chosen, SignedIn, Visitor};
use crate::web::respond;
use crate::web::views::ErrorKind;
use crate::web::views::admin::overview::{Chart, Overview};
use crate::web::views::admin::{Frame, Section};

/// `GET`
pub async fn show(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    member: SignedIn<Visitor>,
) -> Response {
    let visitor = member.visitor();
    let who = match app
        .administrator(&Asking::Person(member.person().user().id))
        .await
    {
        Ok(who) => who,
        Err(error) => return respond::internal_page(visitor, &error),
    };
    // Only a place that is theirs: anything else is everywhere, which shows what they may see.
    let chosen = match app.places(&who).await {
        Ok(places) => Chosen {
            wanted: value(query.as_deref(), "organisation")
                .and_then(|text| text.parse().ok().map(OrganisationId))
                .filter(|id| places.organisations.iter().any(|(known, _)| known == id)),
            places,
        },
        Err(error) => return respond::internal_page(visitor, &error),
    };
    let frame = Frame::new(Section::Overview, who.clone(), chosen);
    // Nothing but the overview itself: nobody who administers anything.
    if frame.sections().len() < 2 {
        return respond::error_page(visitor, ErrorKind::Forbidden, None);
    }
    let month = value(query.as_deref(), "span").as_deref() == Some("month");
    match view(&app, visitor, &who, frame, month).await {
        Ok(view) => shown(visitor, view),
        Err(error) => respond::internal_page(visitor, &error),
    }
}

async fn view(
    app: &App,
    visitor: &Visitor,
    who: &Administrator,
    frame: Frame,
    month: bool,
) -> Result<Overview, Internal> {
    // Counts are of the whole deployment: an organisation's administrator must not learn them.
    let everywhere = frame.chosen.wanted.is_none();
    let charts = if everywhere && who.may_everywhere(ReadAudit::PERMISSION) {
        let span = if month { Span::Month } else { Span::Day };
        charts(app.statistics(span).await?)
    } else {
        Vec::new()
    };
    let warnings = if everywhere && who.may_everywhere(ReadSettings::PERMISSION) {
        let mut warnings = app.config.warnings();
        warnings.extend(app.audit_warning().await?);
        warnings.extend(app.syslog_warning().await?);
        warnings
    } else {
        Vec::new()
    };
    let mut keys = Vec::new();
    if everywhere && who.may_everywhere(ReadKeys::PERMISSION) {
        let mut reader = &app.store;
        let records = rotate_keys::records(&mut reader).await?;
        let policy = rotate_keys::policy(&app.config)?;
        keys = records
            .iter()
            .filter(|key| key.state == KeyState::Active)
            .map(|key| {
                let since = key.activated_at.unwrap_or(key.created_at);
                (key.alg.as_str(), since, key.next_step_at(&records, &policy))
            })
            .collect();
    }
    Ok(Overview {
        page: visitor.page(),
        frame,
        month,
        charts,
        warnings,
        keys,
    })
}

fn charts(of: Statistics) -> Vec<Chart> {
    let chart = |title, series: Series, tone, figure| Chart {
        title,
        series,
        parts: of.parts.clone(),
        tone,
        figure,
    };
    let [sign_ins, failures, tokens] = [&of.sign_ins, &of.failures, &of.tokens].map(Series::total);
    vec![
        chart(
            "admin-chart-sign-ins",
            of.sign_ins.clone(),
            "calm",
            sign_ins,
        ),
        chart("admin-chart-failures", of.failures.clone(), "bad", failures),
        chart("admin-chart-tokens", of.tokens.clone(), "calm", tokens),
        chart(
            "admin-chart-sessions",
            of.sessions.clone(),
            "quiet",
            of.live_sessions,
        ),
    ]
}
