//! The verbs of the screen and the places where they are bound.
//!
//! A verb is what a key means, a context is where the focus is; `assets/keymap.toml` joins the two by these names. Dispatch, hints and
//! help read the same table, so that none of them can say what another does not do.

use serde::Deserialize;

use crate::engine::ChatState;
use crate::tui::commands;
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
    DeleteContact,
    Block,
    Unblock,
    Report,
    // The account.
    Account,
    Devices,
    /// Whether secret chats may be asked for on the selected device.
    ToggleReceiving,
    EndDevice,
    Connection,
    ChangeProxy,
    ChangeUsername,
    /// Ask how.
    SignOut,
    /// Close the open chats first.
    SignOutClosing,
    SignOutLeaving,
    // A request.
    Accept,
    Decline,
    Leave,
    // A chat.
    Menu,
    ShowKey,
    Info,
    ChangeKey,
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
    Reply,
    /// What the selected message holds: a file, a spoiler, an address, the message it answers.
    Open,
    /// To the message that the selected one answers.
    Jump,
    Links,
    /// Stop a transfer for now, or go on with it.
    PauseResume,
    CancelTransfer,
    /// Refused, in words.
    Forward,
    // The composer.
    Send,
    SendSilently,
    NewLine,
    Attach,
    DropReply,
    // Popups.
    Yes,
    No,
    ToggleVerified,
    /// Go on with the path that is being written.
    Complete,
    ToggleDocument,
    ToggleSilent,
    /// With the program that the system has for it.
    OpenOutside,
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
    /// The selected message holds something to open.
    Holding,
    /// The selected message was not sent.
    Failed,
    Composer,
    /// The composer answers a message.
    Answering,
    Menu,
    Confirm,
    Key,
    Timer,
    Info,
    Links,
    File,
    Attach,
    Devices,
    Connection,
    Proxy,
    Username,
    SignOut,
    Help,
    /// Wherever there is no popup.
    Panes,
    /// In popups too.
    Everywhere,
}

/// All verbs, for whoever has to be complete.
pub const VERBS: [Verb; 72] = [
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
    Verb::DeleteContact,
    Verb::Account,
    Verb::Devices,
    Verb::ToggleReceiving,
    Verb::EndDevice,
    Verb::Connection,
    Verb::ChangeProxy,
    Verb::ChangeUsername,
    Verb::SignOut,
    Verb::SignOutClosing,
    Verb::SignOutLeaving,
    Verb::Block,
    Verb::Unblock,
    Verb::Report,
    Verb::Accept,
    Verb::Decline,
    Verb::Leave,
    Verb::Menu,
    Verb::ShowKey,
    Verb::Info,
    Verb::ChangeKey,
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
    Verb::Reply,
    Verb::Open,
    Verb::Jump,
    Verb::Links,
    Verb::PauseResume,
    Verb::CancelTransfer,
    Verb::Forward,
    Verb::Send,
    Verb::SendSilently,
    Verb::NewLine,
    Verb::Attach,
    Verb::DropReply,
    Verb::Yes,
    Verb::No,
    Verb::ToggleVerified,
    Verb::Complete,
    Verb::ToggleDocument,
    Verb::ToggleSilent,
    Verb::OpenOutside,
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
        matches!(
            self,
            Context::Search
                | Context::Composer
                | Context::Answering
                | Context::Attach
                | Context::Proxy
                | Context::Username
                | Context::Panes
                | Context::Everywhere
        )
    }
}

/// The contexts that hold now; the first binding found in this order counts.
pub fn contexts(model: &Model) -> Vec<Context> {
    use Context::*;
    let popup = match &model.popup {
        Some(Popup::Menu(_)) => Some(Menu),
        Some(Popup::Confirm(_)) => Some(Confirm),
        Some(Popup::Key(_)) => Some(Key),
        Some(Popup::Timer { .. }) => Some(Timer),
        Some(Popup::Info { .. }) => Some(Info),
        Some(Popup::Links { .. }) => Some(Links),
        Some(Popup::File { .. }) => Some(File),
        Some(Popup::Attach(_)) => Some(Attach),
        Some(Popup::Devices { .. }) => Some(Devices),
        Some(Popup::Connection) => Some(Connection),
        Some(Popup::Proxy(_)) => Some(Proxy),
        Some(Popup::Username(_)) => Some(Username),
        Some(Popup::SignOut) => Some(SignOut),
        Some(Popup::Help(_)) => Some(Help),
        None => None,
    };
    if let Some(popup) = popup {
        return vec![popup, Everywhere];
    }
    let mut contexts = match model.focus {
        Focus::List if model.list.searching => vec![Search],
        Focus::List => vec![List],
        Focus::Composer if model.open_chat().is_some_and(|chat| chat.reply.is_some()) => {
            vec![Answering, Composer]
        }
        Focus::Composer => vec![Composer],
        Focus::Messages(_) => of_messages(model),
    };
    contexts.extend([Panes, Everywhere]);
    contexts
}

/// By what is open and by what is selected in it.
fn of_messages(model: &Model) -> Vec<Context> {
    use Context::*;
    if let Some(Open::Person(_)) = model.open {
        return vec![Person];
    }
    let mut contexts = match model.open_chat().map(|chat| &chat.view.state) {
        Some(ChatState::Requested { .. }) => vec![Request],
        Some(ChatState::Closed(_)) => vec![Closed],
        _ => Vec::new(),
    };
    contexts.extend(commands::failed(model).then_some(Failed));
    contexts.extend(commands::holds(model).then_some(Holding));
    contexts.push(Messages);
    contexts
}

/// All items of menus.
const ITEMS: [MenuItem; 22] = [
    MenuItem::StartSecretChat,
    MenuItem::AddContact,
    MenuItem::Accept,
    MenuItem::Decline,
    MenuItem::Leave,
    MenuItem::ShowKey,
    MenuItem::Info,
    MenuItem::ChangeKey,
    MenuItem::SetTimer,
    MenuItem::CloseKeeping,
    MenuItem::CloseDeleting,
    MenuItem::CancelRequest,
    MenuItem::TryAgain,
    MenuItem::Dismiss,
    MenuItem::Block,
    MenuItem::Unblock,
    MenuItem::Report,
    MenuItem::DeleteContact,
    MenuItem::Devices,
    MenuItem::Connection,
    MenuItem::SignOut,
    MenuItem::Username,
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
        MenuItem::Info => Verb::Info,
        MenuItem::ChangeKey => Verb::ChangeKey,
        MenuItem::SetTimer => Verb::SetTimer,
        MenuItem::CloseKeeping => Verb::CloseKeeping,
        MenuItem::CloseDeleting => Verb::CloseDeleting,
        MenuItem::CancelRequest => Verb::CancelRequest,
        MenuItem::TryAgain => Verb::TryAgain,
        MenuItem::Dismiss => Verb::Dismiss,
        MenuItem::Block => Verb::Block,
        MenuItem::Unblock => Verb::Unblock,
        MenuItem::Report => Verb::Report,
        MenuItem::DeleteContact => Verb::DeleteContact,
        MenuItem::Devices => Verb::Devices,
        MenuItem::Connection => Verb::Connection,
        MenuItem::SignOut => Verb::SignOut,
        MenuItem::Username => Verb::ChangeUsername,
    }
}
