//! Signing up: by our form, or by the endpoint for shops that show a form of their own. One answer to all who send in.
//!
//! The answer never depends on what is known of an address: the sign-up is put in, and whether a letter goes out is decided
//! later, by who sends the letters. Nothing is known of who asks; programs are told from people by a field that people do
//! not see and by the time that the form was open, and a flood by how much comes in at all.

mod desk;
mod endpoint;
mod form;
mod limits;
pub(super) mod page;
mod register;
mod turned_away;

use std::sync::Arc;

use axum::extract::Extension;

use super::routes::Routes;
use super::{App, unsubscribe};
use crate::text::InterfaceLanguage;
use desk::Desk;

/// Where the form is. People and content systems put a slash behind an address.
const PATHS: [(&str, InterfaceLanguage); 6] = [
    ("/join", InterfaceLanguage::Fr),
    ("/join/", InterfaceLanguage::Fr),
    ("/fr/join", InterfaceLanguage::Fr),
    ("/fr/join/", InterfaceLanguage::Fr),
    ("/en/join", InterfaceLanguage::En),
    ("/en/join/", InterfaceLanguage::En),
];

/// The path of the form in `language`, as it is seen from outside; none when nobody may sign up here.
pub(super) fn form_path(app: &App, language: InterfaceLanguage) -> Option<String> {
    app.sign_ups.join.as_ref().map(|_| page::path(&app.base, language))
}

/// The routes of the form and of the endpoint; none when nobody may sign up here.
pub(super) fn routes(app: &App) -> Routes {
    let Some(settings) = app.sign_ups.join.clone() else { return Routes::none() };
    let desk = Arc::new(Desk::new(app, settings));
    let forms = PATHS.into_iter().filter_map(|(path, language)| Some((path, desk::in_language(app, language)?)));
    forms
        .fold(Routes::none(), |routes, (path, words)| routes.at(path, form::methods(words)))
        .at("/join.json", endpoint::methods())
        .with(|router| router.layer(Extension(desk)))
        .answered(unsubscribe::private)
}
