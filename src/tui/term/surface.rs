//! What ratatui paints on: a frame is collected and goes to the terminal in one write.
//!
//! It differs from ratatui's own backend in three things. The size is what the loop says it is, so that model and cells never
//! disagree in the middle of a resize. The terminal is never asked anything, since an answer that does not come would hang the screen.
//! And once writing has failed it stays silent: the terminal is gone, and the loop has been told.

use std::fs::File;
use std::io::{self, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{Clear, ClearType as CrosstermClear};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// A backend for `ratatui::Terminal`.
#[derive(Debug)]
pub struct Surface {
    tty: File,
    frame: Vec<u8>,
    size: Size,
    gone: bool,
}

impl Surface {
    /// `size` in columns and rows.
    pub fn new(tty: File, size: (u16, u16)) -> Surface {
        // `NO_COLOR` has chosen the theme, and no colour is in that. With it set this library would also swallow those of a picture that a
        // camera has to read, and send an empty sequence in their place, which takes the modifiers away.
        crossterm::style::force_color_output(true);
        Surface { tty, frame: Vec::new(), size: Size::from(size), gone: false }
    }

    /// The next frame has this size.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.size = Size::from(size);
    }
}

impl Backend for Surface {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        CrosstermBackend::new(&mut self.frame).draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        queue!(self.frame, Hide)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        queue!(self.frame, Show)
    }

    /// Never asked of the terminal; every frame places the cursor anew.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        queue!(self.frame, MoveTo(x, y))
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        queue!(
            self.frame,
            Clear(match region {
                ClearType::All => CrosstermClear::All,
                ClearType::AfterCursor => CrosstermClear::FromCursorDown,
                ClearType::BeforeCursor => CrosstermClear::FromCursorUp,
                ClearType::CurrentLine => CrosstermClear::CurrentLine,
                ClearType::UntilNewLine => CrosstermClear::UntilNewLine,
            })
        )
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        let frame = std::mem::take(&mut self.frame);
        if self.gone {
            return Ok(());
        }
        let written = self.tty.write_all(&frame);
        self.gone = written.is_err();
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::style::{Color, Style};
    use ratatui::text::Line;
    use std::io::{Read, Seek};

    fn terminal(size: (u16, u16)) -> (Terminal<Surface>, File) {
        let file = tempfile::tempfile().unwrap();
        let seen = file.try_clone().unwrap();
        (Terminal::new(Surface::new(file, size)).unwrap(), seen)
    }

    fn text(file: &mut File) -> String {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_frame_has_the_size_it_was_told() {
        let (mut terminal, _file) = terminal((7, 3));
        terminal.draw(|frame| assert_eq!(frame.area().as_size(), Size::new(7, 3))).unwrap();
        terminal.backend_mut().resize((1, 1));
        terminal.draw(|frame| assert_eq!(frame.area().as_size(), Size::new(1, 1))).unwrap();
    }

    #[test]
    fn cells_go_out_when_the_frame_is_done_and_nothing_is_asked() {
        let (mut terminal, mut file) = terminal((7, 1));
        terminal.draw(|frame| frame.render_widget("rose", frame.area())).unwrap();
        let first = text(&mut file);
        assert!(first.contains("rose"), "{first:?}");
        terminal.clear().unwrap();
        terminal.draw(|frame| frame.render_widget("rose", frame.area())).unwrap();
        let both = text(&mut file);
        assert_eq!(both.matches("rose").count(), 2, "{both:?}");
        assert!(!both.contains("\x1b[6n"), "{both:?}");
    }

    #[test]
    fn the_colours_of_a_frame_go_out_whatever_the_environment_says() {
        crossterm::style::force_color_output(false);
        let (mut terminal, mut file) = terminal((7, 1));
        let style = Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(16));
        terminal.draw(|frame| frame.render_widget(Line::styled("rose", style), frame.area())).unwrap();
        let sent = text(&mut file);
        assert!(sent.contains("38;5;231") && sent.contains("48;5;16"), "{sent:?}");
    }

    #[test]
    fn a_terminal_that_is_gone_is_said_once() {
        let read_only = File::open("/dev/null").unwrap();
        let mut surface = Surface::new(read_only, (2, 1));
        surface.show_cursor().unwrap();
        assert!(surface.flush().is_err());
        surface.show_cursor().unwrap();
        assert!(surface.flush().is_ok());
    }
}
