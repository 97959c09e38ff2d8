//! A player: an engine whose events drive a script, and whose cues are timed commands.

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::script::{Cue, Performance};
use crate::engine::{Command, Engine};

/// Plays until the curtain falls, then stops the engine and waits for its end.
pub(super) async fn play(
    mut engine: Engine,
    mut performance: Performance,
    mut curtain: watch::Receiver<bool>,
) {
    let mut cues = JoinSet::new();
    loop {
        let event = tokio::select! {
            event = engine.events.recv() => event,
            _ = curtain.wait_for(|fallen| *fallen) => None,
            Some(_) = cues.join_next() => continue,
        };
        let Some(event) = event else { break };
        for Cue { after, command } in performance.react(&event) {
            let handle = engine.handle.clone();
            cues.spawn(async move {
                tokio::time::sleep(after).await;
                handle.send(command);
            });
        }
    }
    cues.shutdown().await;
    engine.handle.send(Command::Quit);
    let ended = tokio::task::spawn_blocking(|| engine.thread.join()).await;
    if !matches!(ended, Ok(Ok(()))) {
        tracing::error!("the thread of one of the cast ended badly");
    }
}
