//! Each known attack, tried on the real router. `docs/attacks.md` is the list with the reasons.

mod alg_none;
mod assertion_replay;
mod clickjacking_headers;
mod code_injection_with_another_verifier;
mod code_of_another_client;
mod code_replay;
mod concurrent_refresh;
mod cookie_tossing;
mod csrf_on_consent;
mod csrf_on_sign_in;
mod id_token_as_access_token;
mod key_confusion;
mod mix_up_iss;
mod old_password_race;
mod open_redirect;
mod pkce_downgrade;
mod redirect_uri_tricks;
mod refresh_replay;
mod secret_in_log;
mod session_fixation;
mod sign_up_for_somebody_else;
mod throttle;
mod ticket_forgery;
mod token_in_url;
mod user_enumeration_by_text;
mod user_enumeration_by_time;
