//! The verbs of the screen and the places where they are bound.
//!
//! A verb is what a key means, a context is where the focus is; `assets/keymap.toml` joins the two by these names. Dispatch, hints and
//! help read the same table, so that none of them can say what another does not do.

use serde::Deserialize;

use crate::engine::ChatState;
use crate::tui::model::{Focus, MenuItem, Model, Open, Popup};

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    // Moving in whatever has rows.
    Next,
    Previous,
    PageDown,
    PageUp,
    First,
    Last,
    /// The selected row, the selected item, the selected timer: nothing that destroys.
    Choose,
    /// One step out: of a popup, of the messages, of the composer.
    Back,
    FocusNext,
    FocusPrevious,
    // The list.
    Search,
    ClearSearch,
    // A person.
    StartSecretChat,
    AddContact,
    Block,
    // A request.
    Accept,
    Decline,
    Leave,
    // A chat.
    Menu,
    ShowKey,
    SetTimer,
    CloseKeeping,
    CloseDeleting,
    CancelRequest,
    TryAgain,
    Dismiss,
    // Messages.
    Compose,
    Copy,
    DeleteMessage,
    Retry,
    // The composer.
    Send,
    NewLine,
    // Popups.
    Yes,
    No,
    ToggleVerified,
    // The screen.
    NextChat,
    PreviousChat,
    NextUnread,
    Help,
    Quit,
    Suspend,
    Redraw,
    Interrupt,
}

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    List,
    /// The search line takes the printable keys.
    Search,
    /// The pane of a person without a chat.
    Person,
    /// The messages pane of a chat somebody asks for.
    Request,
    /// The messages pane of a chat that has ended.
    Closed,
    Messages,
    Composer,
    Menu,
    Confirm,
    Key,
    Timer,
    Help,
    /// Wherever there is no popup.
    Panes,
    /// In popups too.
    Everywhere,
}

/// All verbs, for whoever has to be complete.
pub const VERBS: [Verb; 43] = [
    Verb::Next,
    Verb::Previous,
    Verb::PageDown,
    Verb::PageUp,
    Verb::First,
    Verb::Last,
    Verb::Choose,
    Verb::Back,
    Verb::FocusNext,
    Verb::FocusPrevious,
    Verb::Search,
    Verb::ClearSearch,
    Verb::StartSecretChat,
    Verb::AddContact,
    Verb::Block,
    Verb::Accept,
    Verb::Decline,
    Verb::Leave,
    Verb::Menu,
    Verb::ShowKey,
    Verb::SetTimer,
    Verb::CloseKeeping,
    Verb::CloseDeleting,
    Verb::CancelRequest,
    Verb::TryAgain,
    Verb::Dismiss,
    Verb::Compose,
    Verb::Copy,
    Verb::DeleteMessage,
    Verb::Retry,
    Verb::Send,
    Verb::NewLine,
    Verb::Yes,
    Verb::No,
    Verb::ToggleVerified,
    Verb::NextChat,
    Verb::PreviousChat,
    Verb::NextUnread,
    Verb::Help,
    Verb::Quit,
    Verb::Suspend,
    Verb::Redraw,
    Verb::Interrupt,
];

impl Context {
    /// Where printable keys are text: no binding there may take one away.
    pub fn types(self) -> bool {
        matches!(self, Context::Search | Context::Composer | Context::Panes | Context::Everywhere)
    }
}

/// The contexts that hold now; the first binding found in this order counts.
pub fn contexts(model: &Model) -> &'static [Context] {
    use Context::*;
    match &model.popup {
        Some(Popup::Menu(_)) => return &[Menu, Everywhere],
        Some(Popup::Confirm(_)) => return &[Confirm, Everywhere],
        Some(Popup::Key(_)) => return &[Key, Everywhere],
        Some(Popup::Timer { .. }) => return &[Timer, Everywhere],
        Some(Popup::Help(_)) => return &[Help, Everywhere],
        None => {}
    }
    match model.focus {
        Focus::List if model.list.searching => &[Search, Panes, Everywhere],
        Focus::List => &[List, Panes, Everywhere],
        Focus::Composer => &[Composer, Panes, Everywhere],
        Focus::Messages(_) => match (model.open, model.open_chat().map(|chat| &chat.view.state)) {
            (Some(Open::Person(_)), _) => &[Person, Panes, Everywhere],
            (_, Some(ChatState::Requested { .. })) => &[Request, Messages, Panes, Everywhere],
            (_, Some(ChatState::Closed(_))) => &[Closed, Messages, Panes, Everywhere],
            _ => &[Messages, Panes, Everywhere],
        },
    }
}

/// All items of menus.
const ITEMS: [MenuItem; 13] = [
    MenuItem::StartSecretChat,
    MenuItem::AddContact,
    MenuItem::Accept,
    MenuItem::Decline,
    MenuItem::Leave,
    MenuItem::ShowKey,
    MenuItem::SetTimer,
    MenuItem::CloseKeeping,
    MenuItem::CloseDeleting,
    MenuItem::CancelRequest,
    MenuItem::TryAgain,
    MenuItem::Dismiss,
    MenuItem::Block,
];

/// The item of a menu that a verb stands for.
pub fn item_of(verb: Verb) -> Option<MenuItem> {
    ITEMS.into_iter().find(|item| verb_of(*item) == verb)
}

/// The verb that an item of a menu stands for.
pub fn verb_of(item: MenuItem) -> Verb {
    match item {
        MenuItem::StartSecretChat => Verb::StartSecretChat,
        MenuItem::AddContact => Verb::AddContact,
        MenuItem::Accept => Verb::Accept,
        MenuItem::Decline => Verb::Decline,
        MenuItem::Leave => Verb::Leave,
        MenuItem::ShowKey => Verb::ShowKey,
        MenuItem::SetTimer => Verb::SetTimer,
        MenuItem::CloseKeeping => Verb::CloseKeeping,
        MenuItem::CloseDeleting => Verb::CloseDeleting,
        MenuItem::CancelRequest => Verb::CancelRequest,
        MenuItem::TryAgain => Verb::TryAgain,
        MenuItem::Dismiss => Verb::Dismiss,
        MenuItem::Block => Verb::Block,
    }
}
