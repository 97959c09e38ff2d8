//! Parts on their way in: what is refused by which name, what may be repeated, what outlives a restart, what is dropped.

use md5::{Digest, Md5};
use proptest::prelude::*;

use crate::depot::*;
use crate::world::*;

const DAY: i32 = 24 * 3600;

#[test]
fn every_fault_of_a_part_has_its_name() {
    let mut world = World::with_cast();
    let part = noise(KIB);
    assert_eq!(small_part(&mut world, ADA, 1, 0, &[]).unwrap_err(), "400 FILE_PART_EMPTY");
    let long = noise(513 * KIB);
    assert_eq!(small_part(&mut world, ADA, 1, 0, &long).unwrap_err(), "400 FILE_PART_TOO_BIG");
    for number in [-1, 4000, i32::MAX] {
        let refusal = small_part(&mut world, ADA, 1, number, &part).unwrap_err();
        assert_eq!(refusal, "400 FILE_PART_INVALID", "{number}");
    }
    for total in [-1, 0, 4001] {
        let refusal = big_part(&mut world, ADA, 1, (0, total), &part).unwrap_err();
        assert_eq!(refusal, "400 FILE_PARTS_INVALID", "{total}");
    }
    assert_eq!(big_part(&mut world, ADA, 1, (3, 3), &part).unwrap_err(), "400 FILE_PART_INVALID");
    assert_eq!(big_part(&mut world, ADA, 1, (-1, 3), &part).unwrap_err(), "400 FILE_PART_INVALID");
    for length in [1, 1000, 3 * KIB, 511 * KIB] {
        let refusal = big_part(&mut world, ADA, 1, (0, 2), &noise(length)).unwrap_err();
        assert_eq!(refusal, "400 FILE_PART_SIZE_INVALID", "{length}");
    }
    assert_eq!(small_part(&mut world, 0x99, 1, 0, &part).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");
    let refusal = send_to_nobody(&mut world);
    assert_eq!(refusal, "400 FILE_PART_0_MISSING", "nothing of all that was kept");
}

fn send_to_nobody(world: &mut World) -> String {
    let chat = world.live_chat(0x77);
    send_file(world, chat, 1, uploaded(1, 1)).unwrap_err()
}

#[test]
fn all_parts_but_the_last_are_equal() {
    const CHANGED: &str = "400 FILE_PART_SIZE_CHANGED";
    const INVALID: &str = "400 FILE_PART_SIZE_INVALID";
    let mut world = World::with_cast();
    let [one, two, odd] = [KIB, 2 * KIB, 1000].map(noise);
    // The total is known.
    assert_eq!(big_part(&mut world, ADA, 1, (0, 4), &two), Ok(true));
    assert_eq!(big_part(&mut world, ADA, 1, (1, 4), &one).unwrap_err(), CHANGED);
    assert_eq!(big_part(&mut world, ADA, 1, (0, 4), &one).unwrap_err(), CHANGED, "the same part");
    assert_eq!(big_part(&mut world, ADA, 1, (3, 4), &noise(4 * KIB)).unwrap_err(), CHANGED);
    assert_eq!(big_part(&mut world, ADA, 1, (3, 4), &odd), Ok(true));
    assert_eq!(big_part(&mut world, ADA, 1, (1, 5), &two).unwrap_err(), "400 FILE_PARTS_INVALID");
    assert_eq!(small_part(&mut world, ADA, 1, 1, &two).unwrap_err(), "400 FILE_PARTS_INVALID");
    // The last comes first.
    assert_eq!(big_part(&mut world, ADA, 2, (1, 2), &two), Ok(true));
    assert_eq!(big_part(&mut world, ADA, 2, (0, 2), &one).unwrap_err(), CHANGED);
    // The total is not known: a part is the last until a later one comes.
    assert_eq!(small_part(&mut world, ADA, 3, 0, &one), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 3, 1, &two).unwrap_err(), CHANGED);
    assert_eq!(small_part(&mut world, ADA, 3, 1, &odd), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 3, 2, &one).unwrap_err(), CHANGED);
    assert_eq!(small_part(&mut world, ADA, 4, 0, &odd), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 4, 1, &odd).unwrap_err(), INVALID);
}

#[test]
fn a_file_is_judged_as_a_whole_when_it_is_sent() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(3 * KIB);
    upload(&mut world, ADA, 1, &bytes[..2 * KIB], KIB);
    let mut refusal = |file| send_file(&mut world, chat, 1, file).unwrap_err();
    assert_eq!(refusal(uploaded(1, 3)), "400 FILE_PART_2_MISSING");
    assert_eq!(refusal(uploaded(1, 1)), "400 FILE_PARTS_INVALID");
    assert_eq!(refusal(big_uploaded(1, 2)), "400 FILE_PARTS_INVALID");
    for parts in [-1, 0, 4001] {
        assert_eq!(refusal(uploaded(1, parts)), "400 FILE_PARTS_INVALID");
    }
    assert_eq!(refusal(uploaded(9, 1)), "400 FILE_PART_0_MISSING");
    assert_eq!(refusal(grammers_tl_types::enums::InputEncryptedFile::Empty), "400 FILE_EMTPY");

    assert_eq!(small_part(&mut world, ADA, 2, 0, &bytes[..KIB]), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 2, 2, &bytes[..KIB]), Ok(true));
    assert_eq!(send_file(&mut world, chat, 1, uploaded(2, 3)).unwrap_err(), "400 FILE_PART_1_MISSING");
    assert_eq!(small_part(&mut world, BOOLE, 2, 1, &bytes[..KIB]), Ok(true), "somebody else's of that name");
    assert_eq!(send_file(&mut world, chat, 1, uploaded(2, 3)).unwrap_err(), "400 FILE_PART_1_MISSING");

    assert_eq!(big_part(&mut world, ADA, 3, (0, 2), &bytes[..KIB]), Ok(true));
    assert_eq!(big_part(&mut world, ADA, 3, (1, 2), &bytes[..16]), Ok(true));
    assert_eq!(send_file(&mut world, chat, 1, big_uploaded(3, 3)).unwrap_err(), "400 FILE_PARTS_INVALID");
    assert_eq!(send_file(&mut world, chat, 1, uploaded(3, 2)).unwrap_err(), "400 FILE_PARTS_INVALID");
    assert_eq!(send_file(&mut world, chat, 1, big_uploaded(3, 2)).unwrap().1.size, 1040);
    assert_eq!(world.pushed(BOOLE).len(), 1, "what is refused is not sent");
}

#[test]
fn small_files_end_at_ten_mebibytes() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    upload(&mut world, ADA, 1, &noise(10 << 20), 512 * KIB);
    upload(&mut world, ADA, 2, &noise((10 << 20) + 16), 512 * KIB);
    assert_eq!(send_file(&mut world, chat, 1, uploaded(1, 20)).unwrap().1.size, 10 << 20);
    assert_eq!(send_file(&mut world, chat, 2, uploaded(2, 21)).unwrap_err(), "400 FILE_PARTS_INVALID");
}

#[test]
fn a_checksum_is_held_against_the_bytes() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(5 * KIB + 16);
    // In any order.
    for part in [4, 0, 5, 2, 1, 3] {
        let bytes = bytes.chunks(KIB).nth(part as usize).unwrap();
        assert_eq!(small_part(&mut world, ADA, 1, part, bytes), Ok(true));
    }
    let digits = |bytes: &[u8]| Md5::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let wrong = with_md5(1, 6, &digits(&bytes[1..]));
    assert_eq!(send_file(&mut world, chat, 1, wrong).unwrap_err(), "400 MD5_CHECKSUM_INVALID");
    let right = with_md5(1, 6, &digits(&bytes).to_uppercase());
    let (_, file) = send_file(&mut world, chat, 1, right).unwrap();
    assert_eq!(download(&mut world, BOOLE, &file, 4096), bytes);
}

#[test]
fn an_upload_goes_on_after_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(5 * 64 * KIB + 160);
    let parts: Vec<&[u8]> = bytes.chunks(64 * KIB).collect();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let chat = world.live_chat(5);
    for part in [0, 3, 1] {
        assert_eq!(big_part(&mut world, ADA, 1, (part, 6), parts[part as usize]), Ok(true));
    }
    let crashed = after_a_crash(folder.path());
    // Bytes of a part whose row was not written: the next part takes their place.
    let stored = crashed.path().join("files/0000000000000001");
    let mut torn = std::fs::read(&stored).unwrap();
    torn.extend([0xee; 1000]);
    std::fs::write(&stored, torn).unwrap();
    std::fs::write(crashed.path().join("files/00000000000000ff"), "left over").unwrap();

    let mut world = World::in_folder(crashed.path());
    assert!(!crashed.path().join("files/00000000000000ff").exists());
    for part in [5, 2] {
        assert_eq!(big_part(&mut world, ADA, 1, (part, 6), parts[part as usize]), Ok(true));
    }
    assert_eq!(send_file(&mut world, chat, 1, big_uploaded(1, 6)).unwrap_err(), "400 FILE_PART_4_MISSING");
    assert_eq!(big_part(&mut world, ADA, 1, (4, 6), parts[4]), Ok(true));
    assert_eq!(big_part(&mut world, ADA, 1, (4, 6), parts[4]), Ok(true), "its answer was lost");
    let (_, file) = send_file(&mut world, chat, 1, big_uploaded(1, 6)).unwrap();
    drop(world);

    let crashed = after_a_crash(crashed.path());
    let mut world = World::in_folder(crashed.path());
    assert_eq!(download(&mut world, BOOLE, &file, 64 * KIB as i32), bytes);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &str| folder.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("files"), mode("files/0000000000000001")), (0o700, 0o600));
    }
}

#[test]
fn parts_in_any_order_make_the_file() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let world = std::cell::RefCell::new(world);
    let next = std::cell::Cell::new(0);
    // Parts of one to eight kibibytes, some sent twice, and where to look.
    let order = proptest::collection::vec(any::<u64>(), 1..40);
    let looks = proptest::collection::vec((0..300i64, 1..200i32), 8);
    runner
        .run(&(0..4u32, 1..1024usize, order, any::<bool>(), looks), |(size, tail, order, big, looks)| {
            let part_size = KIB << size;
            let bytes = noise((order.len() - 1) * part_size + tail.min(part_size));
            let total = order.len() as i32;
            let mut parts: Vec<(u64, i32)> = order.iter().copied().zip(0..).collect();
            parts
                .extend(parts.clone().into_iter().filter(|(n, _)| n % 3 == 0).map(|(n, part)| (n / 3, part)));
            parts.sort_unstable();
            let world = &mut *world.borrow_mut();
            let id = next.replace(next.get() + 1);
            for (_, part) in parts {
                let content = bytes.chunks(part_size).nth(part as usize).unwrap();
                let saved = match big {
                    true => big_part(world, ADA, id, (part, total), content),
                    false => small_part(world, ADA, id, part, content),
                };
                prop_assert_eq!(saved, Ok(true));
            }
            let file = if big { big_uploaded(id, total) } else { uploaded(id, total) };
            let (_, file) = send_file(world, chat, id + 1, file).unwrap();
            prop_assert_eq!(file.size as usize, bytes.len());
            prop_assert!(download(world, BOOLE, &file, 16 * KIB as i32) == bytes);
            for (offset, limit) in looks {
                let got = fetch(world, BOOLE, &window(&file, offset * 1024, limit * 1024, true)).unwrap();
                let from = bytes.len().min(offset as usize * KIB);
                prop_assert!(got == bytes[from..bytes.len().min(from + limit as usize * KIB)]);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_disk_that_fails_is_nobodys_fault_outside() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let chat = world.live_chat(5);
    let part = noise(KIB);
    assert_eq!(small_part(&mut world, ADA, 1, 0, &part), Ok(true));
    std::fs::rename(&files, folder.path().join("elsewhere")).unwrap();
    assert_eq!(small_part(&mut world, ADA, 1, 1, &part).unwrap_err(), "500 INTERNAL");
    std::fs::rename(folder.path().join("elsewhere"), &files).unwrap();
    assert_eq!(send_file(&mut world, chat, 1, uploaded(1, 2)).unwrap_err(), "400 FILE_PART_1_MISSING");
    assert_eq!(small_part(&mut world, ADA, 1, 1, &part), Ok(true), "the same again later");
    let (_, file) = send_file(&mut world, chat, 1, uploaded(1, 2)).unwrap();
    assert_eq!(download(&mut world, BOOLE, &file, 4096), [part.clone(), part].concat());
}

#[test]
fn a_sent_file_never_changes() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(2 * KIB);
    upload(&mut world, ADA, 1, &bytes, KIB);
    let (_, first) = send_file(&mut world, chat, 1, uploaded(1, 2)).unwrap();
    assert_eq!(small_part(&mut world, ADA, 1, 0, &bytes[..KIB]), Ok(true), "a late repeat");
    assert_eq!(send_file(&mut world, chat, 2, uploaded(1, 2)).unwrap().1, first, "the same file");

    let other = vec![0xaa; KIB];
    assert_eq!(small_part(&mut world, ADA, 1, 0, &other), Ok(true));
    assert_eq!(download(&mut world, BOOLE, &first, 4096), bytes);
    let (_, second) = send_file(&mut world, chat, 3, uploaded(1, 1)).unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(download(&mut world, BOOLE, &second, 4096), other);
}

#[test]
fn what_nobody_finishes_is_dropped_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || std::fs::read_dir(folder.path().join("files")).unwrap().count();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let chat = world.live_chat(5);
    let bytes = noise(2 * KIB);
    upload(&mut world, ADA, 1, &bytes, KIB);
    upload(&mut world, ADA, 2, &bytes[..KIB], KIB);
    let (_, sent) = send_file(&mut world, chat, 1, uploaded(1, 2)).unwrap();
    world.now += DAY;
    assert_eq!(small_part(&mut world, ADA, 2, 1, &bytes[KIB..]), Ok(true));
    assert_eq!(kept(), 2);
    world.now += DAY + 1;
    assert_eq!(send_file(&mut world, chat, 2, uploaded(2, 2)).unwrap_err(), "400 FILE_PART_0_MISSING");
    assert_eq!(kept(), 1);
    assert_eq!(download(&mut world, BOOLE, &sent, 4096), bytes);
    world.now = START + 30 * DAY + 1;
    let gone = fetch(&mut world, BOOLE, &window(&sent, 0, 4096, false));
    assert_eq!((gone.unwrap_err().as_str(), kept()), ("400 LOCATION_INVALID", 0));
}

#[test]
fn unfinished_uploads_are_bounded() {
    const FULL: &str = "420 FLOOD_WAIT_600";
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let part = noise(KIB);
    for id in 0..256 {
        assert_eq!(small_part(&mut world, ADA, id, 0, &part), Ok(true));
    }
    assert_eq!(small_part(&mut world, ADA, 256, 0, &part).unwrap_err(), FULL);
    assert_eq!(small_part(&mut world, BOOLE, 1, 0, &part), Ok(true), "others have their own");
    drop(world);

    let claim = |owner: &str, bytes: u64| {
        let database = rusqlite::Connection::open(folder.path().join("server.sqlite")).unwrap();
        let sql = format!(
            "UPDATE files SET stored = {bytes} WHERE upload_id = 1 AND owner = (
            SELECT id FROM users WHERE first_name = '{owner}')"
        );
        assert_eq!(database.execute(&sql, []).unwrap(), 1);
    };
    claim("Ada", (8 << 30) - 2 * 1024 - 255 * 1024);
    let mut world = World::in_folder(folder.path());
    assert_eq!(small_part(&mut world, ADA, 0, 1, &part), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 0, 2, &part), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 0, 3, &part).unwrap_err(), FULL);
    assert_eq!(small_part(&mut world, ADA, 0, 2, &part), Ok(true), "what is here needs no room");
    assert_eq!(small_part(&mut world, BOOLE, 2, 0, &part), Ok(true));
    drop(world);

    claim("Boole", 24 << 30);
    let mut world = World::in_folder(folder.path());
    assert_eq!(small_part(&mut world, CURIE, 1, 0, &part).unwrap_err(), FULL, "no room for anybody");
}

#[test]
fn what_was_sent_is_bounded_too() {
    const FULL: &str = "420 FLOOD_WAIT_3600";
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let chat = world.live_chat(5);
    let part = noise(KIB);
    assert_eq!(small_part(&mut world, ADA, 1, 0, &part), Ok(true));
    let (_, sent) = send_file(&mut world, chat, 1, uploaded(1, 1)).unwrap();
    drop(world);

    // As if so much had been sent within the month for which it is kept.
    let alter = |sql: &str, rows: usize| {
        let database = rusqlite::Connection::open(folder.path().join("server.sqlite")).unwrap();
        assert_eq!(database.execute(sql, []).unwrap(), rows);
    };
    alter(&format!("UPDATE files SET stored = {}", (16u64 << 30) - KIB as u64), 1);
    let mut world = World::in_folder(folder.path());
    assert_eq!(small_part(&mut world, ADA, 2, 0, &part), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 2, 1, &part).unwrap_err(), FULL, "the disk is hers");
    let (_, second) = send_file(&mut world, chat, 2, uploaded(2, 1)).unwrap();
    assert_eq!(small_part(&mut world, ADA, 2, 0, &part), Ok(true), "what is here needs no room");
    for file in [&sent, &second] {
        assert_eq!(download(&mut world, BOOLE, file, 4096), part, "nothing makes room by itself");
    }
    assert_eq!(small_part(&mut world, BOOLE, 1, 0, &part), Ok(true), "others have their own");
    world.now += 30 * DAY + 1;
    assert_eq!(small_part(&mut world, ADA, 3, 0, &part), Ok(true), "a month later there is room");
    send_file(&mut world, chat, 3, uploaded(3, 1)).unwrap();
    drop(world);

    alter(&format!("UPDATE files SET stored = {}", 64u64 << 30), 1);
    let mut world = World::in_folder(folder.path());
    world.now = START + 30 * DAY + 1;
    assert_eq!(small_part(&mut world, CURIE, 1, 0, &part).unwrap_err(), FULL, "no room for anybody");
    drop(world);

    alter("UPDATE files SET stored = size", 1);
    let copies = "INSERT INTO files (owner, stored, size, used, remote_id, access_hash, key_fingerprint)
        WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 16382)
        SELECT owner, 1, 1, used, n, 1, 1 FROM files, number";
    alter(copies, 16382);
    let mut world = World::in_folder(folder.path());
    world.now = START + 30 * DAY + 1;
    assert_eq!(small_part(&mut world, ADA, 4, 0, &part), Ok(true));
    assert_eq!(small_part(&mut world, ADA, 5, 0, &part).unwrap_err(), FULL, "many are much");
    assert_eq!(small_part(&mut world, ADA, 4, 1, &part), Ok(true), "what has begun goes on");
}
