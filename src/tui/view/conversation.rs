//! The conversation pane below its title: a story while there is no conversation, then the messages, and the composer.
//!
//! What a pane has follows from the state alone: only a chat in which one may write has a composer, and an ended chat shows what was said
//! in it above the story of its end.

use ratatui::layout::{Position, Rect};

use super::layout::{Plan, inset, split_bottom, split_top};
use super::paint::Canvas;
use super::story::Letters;
use super::{composer, messages, names, story, symbols};
use crate::engine::{ChatState, UserId};
use crate::tui::commands::{able, barred};
use crate::tui::keys::{Context, Hint, Keymap, item_of};
use crate::tui::model::{Chat, Focus, Model, Open};
use crate::tui::text::width;
use crate::tui::theme::Role;
use crate::tui::words::short;
use crate::tui::words::story::{self as stories, Story};

/// Draws the pane; where the cursor of its composer is, if it has one.
pub fn draw(canvas: &mut Canvas, model: &Model, plan: &Plan) -> Option<Position> {
    let area = plan.conversation;
    if area.is_empty() {
        return None;
    }
    match model.open {
        Some(Open::Chat(id)) => model.chats.get(&id).and_then(|chat| of_chat(canvas, model, chat, plan)),
        Some(Open::Person(user)) => {
            of_person(canvas, model, user, below_title(area));
            None
        }
        None => {
            nothing(canvas, model, below_title(area));
            None
        }
    }
}

fn of_chat(canvas: &mut Canvas, model: &Model, chat: &Chat, plan: &Plan) -> Option<Position> {
    let area = plan.conversation;
    if !chat.has_composer() {
        without_composer(canvas, model, chat, plan);
        return None;
    }
    let (above, below) = split_bottom(area, composer::rows(chat, area, !plan.composer_rule));
    let notes = composer::notes(canvas, model, chat, area.width);
    let count = u16::try_from(notes.len()).unwrap_or(u16::MAX).min(above.height / 3);
    let (above, beside) = split_bottom(above, count);
    for (y, note) in (beside.top()..beside.bottom()).zip(notes) {
        canvas.line(inset(Rect { y, height: 1, ..beside }, 1, 1), note);
    }
    let (body, rule) = split_bottom(above, u16::from(plan.composer_rule));
    draw_rule(canvas, plan, rule);
    if chat.ready() && (chat.last.is_some() || !chat.history.messages.is_empty()) {
        messages::draw(canvas, model, chat, body, plan.compact);
    } else {
        let words = story_of(model, chat, plan.compact);
        let area = story::place(below_title(body));
        story::draw(canvas, area, &words, skipped(model), Letters::default());
    }
    composer::draw(canvas, model, chat, below, !plan.composer_rule)
}

/// A request, or what is left of a chat.
fn without_composer(canvas: &mut Canvas, model: &Model, chat: &Chat, plan: &Plan) {
    let area = plan.conversation;
    let words = story_of(model, chat, plan.compact);
    let context = match chat.view.state {
        ChatState::Requested { .. } => Some(Context::Request),
        ChatState::Closed(_) => Some(Context::Closed),
        _ => None,
    };
    let columns = story::place(area).width;
    let hints = context.map(|context| letters(model, context, columns)).unwrap_or_default();
    let letters = Letters { hints: &hints, acting: acting(model) };
    if chat.history.messages.is_empty() {
        story::draw(canvas, story::place(below_title(area)), &words, skipped(model), letters);
        return;
    }
    let wanted = story::height(&words, columns) + u16::try_from(hints.len()).unwrap_or_default() + 1;
    let (above, below) = split_bottom(area, wanted.min(area.height / 2));
    let (body, rule) = split_bottom(above, u16::from(plan.composer_rule));
    draw_rule(canvas, plan, rule);
    messages::draw(canvas, model, chat, body, plan.compact);
    // The arrows scroll the messages.
    story::draw(canvas, story::place(below), &words, 0, letters);
}

fn of_person(canvas: &mut Canvas, model: &Model, user: UserId, area: Rect) {
    let Some(person) = model.people.get(&user).map(names::safe) else { return };
    let words = stories::person(&person, &names::short(model, user), model.is_me(user));
    let area = story::place(area);
    let hints = letters(model, Context::Person, area.width);
    let letters = Letters { hints: &hints, acting: acting(model) };
    story::draw(canvas, area, &words, skipped(model), letters);
}

fn nothing(canvas: &mut Canvas, model: &Model, area: Rect) {
    let me = model.me.as_ref().map(names::safe);
    let me = me.as_ref().map(|me| (me, crate::tui::words::name(me)));
    let contacts = model.people.contacts().filter(|user| !model.is_me(*user)).count();
    let words =
        stories::nothing(me, model.chats.len() + contacts, model.restored, model.signed_out.is_some());
    story::draw(canvas, story::place(area), &words, 0, Letters::default());
}

fn story_of(model: &Model, chat: &Chat, compact: bool) -> Story {
    let user = chat.view.user;
    let person = model.people.get(&user).map(names::safe);
    let name = names::short(model, user);
    let short = if compact { stories::short(&chat.view, person.as_ref(), &name) } else { None };
    short.unwrap_or_else(|| stories::chat(&chat.view, person.as_ref(), &name, &model.connection))
}

/// Lines of the story that the reader has scrolled off.
fn skipped(model: &Model) -> u16 {
    match model.focus {
        Focus::Messages(scroll) => scroll.skipped,
        _ => 0,
    }
}

/// The letters that do something in a pane, as the keymap has them, or where that is too long in short.
fn letters(model: &Model, context: Context, columns: u16) -> Vec<Hint> {
    let contexts = [context];
    let bindings = Keymap::built_in().bindings_of(&contexts).map(|(_, binding)| binding);
    let deeds = bindings.filter(|binding| item_of(binding.does).is_some());
    // With the keys elsewhere it is not this pane that is asked what can be done.
    let possible = deeds.filter(|binding| {
        let elsewhere = !acting(model) && !barred(model, binding.does);
        elsewhere || able(model, binding.does).is_ok()
    });
    let hints = possible.filter_map(|binding| {
        let keys = binding.keys.first()?.to_string();
        let long = binding.hint.clone()?;
        let fits = width(&keys) + 2 + width(&long) <= usize::from(columns);
        let short = || item_of(binding.does).map(|item| short::menu_item(item).to_lowercase());
        Some(Hint { keys, words: if fits { long } else { short().unwrap_or_default() } })
    });
    hints.collect()
}

/// Whether the pane has the keys.
fn acting(model: &Model) -> bool {
    matches!(model.focus, Focus::Messages(_)) && model.popup.is_none()
}

/// An empty row below the title, where rows are not scarce.
fn below_title(area: Rect) -> Rect {
    split_top(area, u16::from(area.height >= 8)).1
}

/// The rule above what is at the bottom, joined to the one beside the list.
fn draw_rule(canvas: &mut Canvas, plan: &Plan, rule: Rect) {
    let symbols = symbols::of(canvas.theme);
    if rule.is_empty() {
        return;
    }
    canvas.rule(rule, symbols.horizontal);
    if plan.divider.width > 0 {
        let style = canvas.theme.style(Role::Dim);
        canvas.symbol(plan.divider.x, rule.y, symbols.tee_right, style);
    }
}
