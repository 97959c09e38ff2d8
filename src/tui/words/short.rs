//! What can be done, in as few words as a menu of twenty columns has room for.
//!
//! The keymap has the words for wide screens. A form cut off in the middle would leave out what matters ("Delete history and ..."), so
//! narrow screens have words of their own.

use crate::tui::model::MenuItem;

/// At most 15 columns.
pub fn menu_item(item: MenuItem) -> &'static str {
    match item {
        MenuItem::StartSecretChat => "Start chat",
        MenuItem::AddContact => "Add contact",
        MenuItem::Accept => "Accept here",
        MenuItem::Decline => "Decline",
        MenuItem::Leave => "Leave it",
        MenuItem::ShowKey => "View key",
        MenuItem::Info => "Details",
        MenuItem::ChangeKey => "Change key",
        MenuItem::SetTimer => "Set timer",
        MenuItem::CloseKeeping => "Close, keep",
        MenuItem::CloseDeleting => "Close, delete",
        MenuItem::CancelRequest => "Withdraw",
        MenuItem::TryAgain => "Try again",
        MenuItem::Dismiss => "Dismiss",
        MenuItem::Block => "Block",
        MenuItem::Unblock => "Unblock",
        MenuItem::Report => "Report spam",
        MenuItem::DeleteContact => "Delete contact",
        MenuItem::Devices => "Devices",
        MenuItem::Connection => "Connection",
        MenuItem::SignOut => "Sign out",
        MenuItem::Username => "Username",
    }
}
