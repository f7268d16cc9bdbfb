//! The tables, as both migration sets create them. A test compares this file with each backend.

diesel::table! {
    campaigns (id) {
        id -> BigInt,
        slug -> Text,
        title -> Text,
        state -> Text,
        held -> Nullable<Text>,
        revision -> BigInt,
        source_name -> Text,
        source_text -> Text,
        schedule -> Text,
        opens_at -> BigInt,
        closes_at -> BigInt,
        cancelled_at -> Nullable<BigInt>,
        applied_at -> BigInt,
        applied_by -> Text,
    }
}

diesel::table! {
    mailings (id) {
        id -> BigInt,
        campaign_id -> BigInt,
        name -> Text,
        kind -> Text,
        not_before -> BigInt,
        not_after -> BigInt,
        languages -> Text,
        state -> Text,
        frozen_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        stopped_at -> Nullable<BigInt>,
        stopped_why -> Nullable<Text>,
    }
}

diesel::table! {
    members (id) {
        id -> BigInt,
        pseudonym -> Text,
        address -> Nullable<Text>,
        fingerprint -> Text,
        fingerprint_key -> Text,
        language -> Text,
        consent -> Text,
        consent_since -> BigInt,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consent_texts (hash) {
        hash -> Text,
        body -> Text,
    }
}

diesel::table! {
    consent_events (seq) {
        seq -> BigInt,
        prev_hash -> Text,
        hash -> Text,
        event_id -> Text,
        occurred_at -> BigInt,
        recorded_at -> BigInt,
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
    suppressions (fingerprint) {
        fingerprint -> Text,
        key_id -> Text,
        cause -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        mailing_id -> BigInt,
        member_id -> BigInt,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> BigInt,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
        handed_over_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
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
    audit_log (seq) {
        seq -> BigInt,
        at -> BigInt,
        who -> Text,
        action -> Text,
        object -> Text,
        detail -> Text,
    }
}

diesel::table! {
    store_facts (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    price_imports (id) {
        id -> BigInt,
        file -> Text,
        imported_at -> BigInt,
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
    prices (series_id, from_at) {
        series_id -> BigInt,
        from_at -> BigInt,
        price -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        campaign -> Nullable<Text>,
        note -> Nullable<Text>,
        import_id -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    waivers (id) {
        id -> BigInt,
        campaign -> Text,
        rule -> Text,
        words -> Nullable<Text>,
        reason -> Text,
        who -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    problems (id) {
        id -> BigInt,
        kind -> Text,
        object -> Text,
        words -> Text,
        remedy -> Text,
        since -> BigInt,
        until -> Nullable<BigInt>,
        acknowledged_at -> Nullable<BigInt>,
        acknowledged_by -> Nullable<Text>,
    }
}

diesel::joinable!(mailings -> campaigns (campaign_id));
diesel::joinable!(deliveries -> mailings (mailing_id));
diesel::joinable!(deliveries -> members (member_id));
diesel::joinable!(prices -> price_imports (import_id));
diesel::joinable!(prices -> price_series (series_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit_log,
    campaigns,
    consent_events,
    consent_texts,
    deliveries,
    mailings,
    members,
    price_imports,
    price_series,
    prices,
    problems,
    store_facts,
    suppressions,
    waivers,
);
