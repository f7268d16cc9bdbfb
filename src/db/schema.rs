//! The tables, as both migration sets create them. A test compares this file with each backend.

diesel::table! {
    use crate::db::column::types::{Instant, Nullable, Text};

    alerts (channel, kind, object) {
        channel -> Text,
        kind -> Text,
        object -> Text,
        told_at -> Instant,
        seen_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::db::column::types::{Instant, Json, Text};

    campaign_approvals (slug) {
        slug -> Text,
        source_name -> Text,
        source_text -> Text,
        schedule -> Json,
        answers -> Json,
        asked_at -> Instant,
        asked_by -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Json, Nullable, Text};

    campaigns (id) {
        id -> BigInt,
        slug -> Text,
        title -> Text,
        state -> Text,
        held -> Nullable<Text>,
        revision -> BigInt,
        source_name -> Text,
        source_text -> Text,
        schedule -> Json,
        opens_at -> Instant,
        closes_at -> Instant,
        cancelled_at -> Nullable<Instant>,
        applied_at -> Instant,
        applied_by -> Text,
        sequence -> BigInt,
        changed_at -> Instant,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Json, Nullable, Text};

    campaign_versions (campaign_id, revision) {
        campaign_id -> BigInt,
        revision -> BigInt,
        source_name -> Text,
        source_text -> Text,
        schedule -> Json,
        applied_at -> Instant,
        applied_by -> Text,
        approved_by -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::column::types::{Instant, Nullable, Text};

    edition_drafts (slug) {
        slug -> Text,
        source -> Text,
        edition -> Text,
        begins_at -> Instant,
        proposed_at -> Instant,
        dismissed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::db::column::types::{Json, Text};

    gates_told (slug) {
        slug -> Text,
        told -> Json,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Json, Nullable, Text};

    mailings (id) {
        id -> BigInt,
        campaign_id -> BigInt,
        name -> Text,
        kind -> Text,
        not_before -> Instant,
        not_after -> Instant,
        languages -> Json,
        state -> Text,
        frozen_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        stopped_at -> Nullable<Instant>,
        stopped_why -> Nullable<Text>,
        first_letter_at -> Nullable<Instant>,
        stopped_parts -> Json,
        lists -> BigInt,
        excluded -> BigInt,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Text};

    lists (id) {
        id -> BigInt,
        name -> Text,
        since -> Instant,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Text};

    list_acts (id) {
        id -> BigInt,
        at -> Instant,
        who -> Text,
        basis -> Text,
        detail -> Text,
    }
}

diesel::table! {
    memberships (list_id, member_id) {
        list_id -> BigInt,
        member_id -> BigInt,
        act_id -> BigInt,
    }
}

diesel::table! {
    mailing_exclusions (mailing_id, list_id) {
        mailing_id -> BigInt,
        list_id -> BigInt,
    }
}

diesel::table! {
    mailing_lists (mailing_id, list_id) {
        mailing_id -> BigInt,
        list_id -> BigInt,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Nullable, Text};

    members (id) {
        id -> BigInt,
        pseudonym -> Text,
        address -> Nullable<Text>,
        fingerprint -> Text,
        fingerprint_key -> Text,
        language -> Text,
        consent -> Text,
        consent_since -> Instant,
        expires_at -> Nullable<Instant>,
        paused_until -> Nullable<Instant>,
    }
}

diesel::table! {
    consent_texts (hash) {
        hash -> Text,
        body -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Nullable, Text};

    consent_events (seq) {
        seq -> BigInt,
        prev_hash -> Text,
        hash -> Text,
        event_id -> Text,
        occurred_at -> Instant,
        recorded_at -> Instant,
        subject -> Text,
        fingerprint -> Text,
        fingerprint_key -> Text,
        controller -> Text,
        purpose -> Text,
        channel -> Text,
        action -> Text,
        basis -> Text,
        text_version -> Nullable<Text>,
        form_version -> Nullable<Text>,
        source -> Text,
        method -> Text,
        mail_ref -> Nullable<Text>,
        token_fp -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Text};

    removed_lines (seq) {
        seq -> BigInt,
        prev_hash -> Text,
        hash -> Text,
        clock -> Text,
        removed_on -> Text,
        key_id -> Text,
        mac -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{Instant, Text};

    suppressions (fingerprint) {
        fingerprint -> Text,
        key_id -> Text,
        cause -> Text,
        since -> Instant,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Integer, Nullable, Text};

    deliveries (id) {
        id -> BigInt,
        mailing_id -> BigInt,
        member_id -> BigInt,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> Instant,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Instant>,
        handed_over_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        stage -> Nullable<Text>,
        reply_code -> Nullable<Integer>,
        enhanced_status -> Nullable<Text>,
        reason -> Nullable<Text>,
        claim -> BigInt,
        granted -> Integer,
        taken -> Integer,
    }
}

diesel::table! {
    commit_witness (the_one) {
        the_one -> Integer,
        witness -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Text};

    delivery_totals (mailing_id, state) {
        mailing_id -> BigInt,
        state -> Text,
        planned -> BigInt,
        granted -> BigInt,
        taken -> BigInt,
        doubled -> BigInt,
        filed -> BigInt,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Json, Text};

    audit_log (seq) {
        seq -> BigInt,
        at -> Instant,
        who -> Text,
        action -> Text,
        object -> Text,
        detail -> Json,
    }
}

diesel::table! {
    store_facts (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Text};

    price_imports (id) {
        id -> BigInt,
        file -> Text,
        imported_at -> Instant,
        imported_by -> Text,
    }
}

diesel::table! {
    price_series (id) {
        id -> BigInt,
        sku -> Text,
        market -> Text,
        channel -> Text,
        audience -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Nullable, Text};

    prices (series_id, from_at) {
        series_id -> BigInt,
        from_at -> Instant,
        price -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        campaign -> Nullable<Text>,
        note -> Nullable<Text>,
        import_id -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Text};

    price_corrections (series_id, from_at, corrected_at) {
        series_id -> BigInt,
        from_at -> Instant,
        corrected_at -> Instant,
        was -> BigInt,
        price -> BigInt,
        reason -> Text,
        corrected_by -> Text,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Nullable, Text};

    waivers (id) {
        id -> BigInt,
        campaign -> Text,
        rule -> Text,
        words -> Nullable<Text>,
        reason -> Text,
        who -> Text,
        at -> Instant,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Nullable, Text};

    problems (id) {
        id -> BigInt,
        kind -> Text,
        object -> Text,
        words -> Text,
        remedy -> Text,
        since -> Instant,
        until -> Nullable<Instant>,
        acknowledged_at -> Nullable<Instant>,
        acknowledged_by -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Integer, Nullable, Text};

    signups (id) {
        id -> BigInt,
        fingerprint -> Text,
        fingerprint_key -> Text,
        address -> Text,
        language -> Text,
        text_version -> Text,
        form_version -> Text,
        source -> Text,
        nonce -> Text,
        token_fp -> Text,
        requested_at -> Instant,
        expires_at -> Instant,
        asked_at -> Instant,
        letter_due_at -> Nullable<Instant>,
        taken_by -> Nullable<Text>,
        attempts -> Integer,
        letters -> Integer,
        mail_ref -> Nullable<Text>,
        begun_at -> Nullable<Instant>,
        sent_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Text};

    signup_letters (id) {
        id -> BigInt,
        fingerprint -> Text,
        sent_at -> Instant,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Integer, Nullable, Text};

    renewals (member_id) {
        member_id -> BigInt,
        act_at -> Instant,
        ends_at -> Instant,
        state -> Text,
        due_at -> Nullable<Instant>,
        taken_by -> Nullable<Text>,
        attempts -> Integer,
        token_fp -> Nullable<Text>,
        mail_ref -> Nullable<Text>,
        handed_over_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::db::column::types::{BigInt, Instant, Integer, Nullable, Text};

    bounces (id) {
        id -> BigInt,
        delivery_id -> Nullable<BigInt>,
        member_id -> BigInt,
        campaign_id -> Nullable<BigInt>,
        act_at -> Nullable<Instant>,
        source -> Text,
        class -> Text,
        status -> Nullable<Text>,
        reply_code -> Nullable<Integer>,
        said -> Text,
        sent_at -> Instant,
        at -> Instant,
        judged_at -> Nullable<Instant>,
    }
}

diesel::joinable!(bounces -> deliveries (delivery_id));
diesel::joinable!(bounces -> members (member_id));
diesel::joinable!(mailings -> campaigns (campaign_id));
diesel::joinable!(deliveries -> mailings (mailing_id));
diesel::joinable!(delivery_totals -> mailings (mailing_id));
diesel::joinable!(deliveries -> members (member_id));
diesel::joinable!(renewals -> members (member_id));
diesel::joinable!(memberships -> lists (list_id));
diesel::joinable!(memberships -> list_acts (act_id));
diesel::joinable!(memberships -> members (member_id));
diesel::joinable!(mailing_exclusions -> lists (list_id));
diesel::joinable!(mailing_exclusions -> mailings (mailing_id));
diesel::joinable!(mailing_lists -> lists (list_id));
diesel::joinable!(mailing_lists -> mailings (mailing_id));
diesel::joinable!(prices -> price_imports (import_id));
diesel::joinable!(prices -> price_series (series_id));
diesel::joinable!(price_corrections -> price_series (series_id));

diesel::allow_tables_to_appear_in_same_query!(
    alerts,
    audit_log,
    bounces,
    campaign_approvals,
    campaign_versions,
    campaigns,
    consent_events,
    consent_texts,
    deliveries,
    commit_witness,
    delivery_totals,
    edition_drafts,
    gates_told,
    list_acts,
    lists,
    mailing_exclusions,
    mailing_lists,
    mailings,
    members,
    memberships,
    price_corrections,
    price_imports,
    price_series,
    prices,
    problems,
    removed_lines,
    renewals,
    signup_letters,
    signups,
    store_facts,
    suppressions,
    waivers,
);
