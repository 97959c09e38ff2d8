//! What a large file costs: memory while it goes up and while it comes down. Run by hand, since a figure of the whole process is no
//! matter for an assertion on a busy machine: `cargo test --test files -- --ignored --nocapture`.

use std::fs;

use crate::stage::{Stage, noise};

/// A line of this process's status, in KiB.
fn status(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Forgets the peak of resident memory, and tells what is resident now.
fn begin() -> u64 {
    fs::write("/proc/self/clear_refs", "5").unwrap();
    status("VmRSS:")
}

#[tokio::test]
#[ignore = "a measurement"]
async fn sixty_four_mebibytes() {
    let mut stage = Stage::set().await;
    // Whatever is allocated once.
    let path = stage.file("warm", &noise(3 << 20, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil_fetches(random_id).await;
    let path = stage.file("large", &noise(64 << 20, 2));
    let before = begin();
    let started = std::time::Instant::now();
    let random_id = stage.ada_sends(&path).await;
    println!("up: {} KiB more at the peak, {:?}", status("VmHWM:").saturating_sub(before), started.elapsed());
    let before = begin();
    let started = std::time::Instant::now();
    let here = stage.basil_fetches(random_id).await;
    println!(
        "down: {} KiB more at the peak, {:?}",
        status("VmHWM:").saturating_sub(before),
        started.elapsed()
    );
    assert_eq!(fs::metadata(here).unwrap().len(), 64 << 20);
}
