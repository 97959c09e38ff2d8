//! What a client asks before anything else: where the server is, and the small things that are always empty here.
//!
//! The server is every data centre that it is told no other address of: whichever id a client believes in is listed. No entry is
//! marked static, for a client would then store it as Telegram's own.

use grammers_tl_types::functions::help::{GetConfig, GetNearestDc};
use grammers_tl_types::{enums, types};

use super::centres::DataCentre;
use super::fault::Fault;
use super::turn::Turn;
use super::wire::Ignored;
use crate::server::store::Authorization;

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
        this_dc: turn.centres.id,
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
        webfile_dc_id: turn.centres.id,
        suggested_lang_code: None,
        lang_pack_version: None,
        base_lang_pack_version: None,
        reactions_default: None,
        autologin_token: None,
    }
    .into())
}

fn dc_options(turn: &Turn<'_>) -> Vec<enums::DcOption> {
    let option = |centre: DataCentre| types::DcOption {
        ipv6: centre.address.is_ipv6(),
        media_only: false,
        tcpo_only: false,
        cdn: false,
        r#static: false,
        this_port_only: false,
        id: centre.id,
        ip_address: centre.address.ip().to_string(),
        port: centre.address.port().into(),
        secret: None,
    };
    turn.centres.all().into_iter().map(|centre| option(centre).into()).collect()
}

pub(super) fn get_nearest_dc(turn: &mut Turn<'_>, _: GetNearestDc) -> Result<enums::NearestDc, Fault> {
    let this_dc = turn.centres.id;
    Ok(types::NearestDc { country: String::new(), this_dc, nearest_dc: this_dc }.into())
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
