//! What a client asks before anything else: where the server is, and the small things that are always empty here.
//!
//! The server is every data centre at once: whichever id a client believes in is listed with the one address. No entry is
//! marked static, for a client would then store it as Telegram's own.

use grammers_tl_types::functions::help::{GetConfig, GetNearestDc};
use grammers_tl_types::{enums, types};

use super::fault::Fault;
use super::turn::Turn;
use super::wire::Ignored;
use crate::server::store::Authorization;

/// The ids a client may take for its own data centre.
const DC_IDS: std::ops::RangeInclusive<i32> = 1..=5;

/// The one that new clients are told, and where files are said to be.
pub(super) const THIS_DC: i32 = 1;

/// How long a config is good, seconds.
const CONFIG_LIFETIME: i32 = 3600;

pub(super) fn get_config(turn: &mut Turn<'_>, _: GetConfig) -> Result<enums::Config, Fault> {
    Ok(types::Config {
        default_p2p_contacts: false,
        preload_featured_stickers: false,
        revoke_pm_inbox: false,
        blocked_mode: false,
        force_try_ipv6: false,
        date: turn.now,
        expires: turn.now.saturating_add(CONFIG_LIFETIME),
        test_mode: false,
        this_dc: THIS_DC,
        dc_options: dc_options(turn),
        dc_txt_domain_name: String::new(),
        chat_size_max: 0,
        megagroup_size_max: 0,
        forwarded_count_max: 0,
        online_update_period_ms: 120_000,
        offline_blur_timeout_ms: 5_000,
        offline_idle_timeout_ms: 30_000,
        online_cloud_timeout_ms: 300_000,
        notify_cloud_delay_ms: 30_000,
        notify_default_delay_ms: 1_500,
        push_chat_period_ms: 60_000,
        push_chat_limit: 2,
        edit_time_limit: 0,
        revoke_time_limit: 0,
        revoke_pm_time_limit: 0,
        rating_e_decay: 2_419_200,
        stickers_recent_limit: 0,
        channels_read_media_period: 0,
        tmp_sessions: None,
        call_receive_timeout_ms: 20_000,
        call_ring_timeout_ms: 90_000,
        call_connect_timeout_ms: 30_000,
        call_packet_timeout_ms: 10_000,
        me_url_prefix: "https://t.me/".to_owned(),
        autoupdate_url_prefix: None,
        gif_search_username: None,
        venue_search_username: None,
        img_search_username: None,
        static_maps_provider: None,
        caption_length_max: 1024,
        message_length_max: 4096,
        webfile_dc_id: THIS_DC,
        suggested_lang_code: None,
        lang_pack_version: None,
        base_lang_pack_version: None,
        reactions_default: None,
        autologin_token: None,
    }
    .into())
}

/// An address nobody can dial (`0.0.0.0`) is not told to anybody.
fn dc_options(turn: &Turn<'_>) -> Vec<enums::DcOption> {
    if turn.address.ip().is_unspecified() {
        return Vec::new();
    }
    let option = |id| types::DcOption {
        ipv6: turn.address.is_ipv6(),
        media_only: false,
        tcpo_only: false,
        cdn: false,
        r#static: false,
        this_port_only: false,
        id,
        ip_address: turn.address.ip().to_string(),
        port: turn.address.port().into(),
        secret: None,
    };
    DC_IDS.map(|id| option(id).into()).collect()
}

pub(super) fn get_nearest_dc(_: &mut Turn<'_>, _: GetNearestDc) -> Result<enums::NearestDc, Fault> {
    Ok(types::NearestDc { country: String::new(), this_dc: THIS_DC, nearest_dc: THIS_DC }.into())
}

/// There are no cloud chats.
pub(super) fn get_dialogs(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Result<enums::messages::Dialogs, Fault> {
    Ok(types::messages::Dialogs {
        dialogs: Vec::new(),
        messages: Vec::new(),
        chats: Vec::new(),
        users: Vec::new(),
    }
    .into())
}

/// Push notifications are not sent, so registering for them is done when it is asked.
pub(super) fn nothing_to_do(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Result<bool, Fault> {
    Ok(true)
}
