//! Which provider receives the mail of a domain: data in `config/providers.toml`, with its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::pace::LaneName;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvidersFile {
    provider: Vec<ProviderEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderEntry {
    name: String,
    domains: Vec<String>,
    // For who reads the file.
    #[serde(rename = "source")]
    _source: String,
}

/// By domain, the lane of the provider.
static PROVIDERS: LazyLock<BTreeMap<String, LaneName>> = LazyLock::new(|| {
    // A test reads the file that is compiled in; without it every domain is a lane of its own.
    let Ok(file) = toml::from_str::<ProvidersFile>(include_str!("../../config/providers.toml")) else {
        return BTreeMap::new();
    };
    let of = |ProviderEntry { name, domains, .. }: ProviderEntry| {
        let lane = LaneName::provider(&name);
        domains.into_iter().map(move |domain| (domain, lane.clone()))
    };
    file.provider.into_iter().flat_map(of).collect()
});

/// The lane of the mail for `domain`, which is in lower case.
pub fn lane_of(domain: &str) -> LaneName {
    PROVIDERS.get(domain).cloned().unwrap_or_else(|| LaneName::domain(domain))
}

/// The providers, by the domains that they receive mail for.
pub fn by_domain() -> impl Iterator<Item = (&'static str, &'static str)> {
    PROVIDERS.iter().filter_map(|(domain, lane)| Some((domain.as_str(), lane.as_provider()?)))
}

/// The names that mail can be counted under: the providers, and [`OTHER`] for all other domains together.
pub fn counted_under() -> BTreeSet<&'static str> {
    by_domain().map(|(_, provider)| provider).chain([OTHER]).collect()
}

/// What mail for a domain of no provider is counted under.
pub const OTHER: &str = "other";

/// The domains of the provider `name`, in lower case.
pub fn domains_of(name: &str) -> Vec<&'static str> {
    let lane = LaneName::provider(name);
    PROVIDERS.iter().filter(|(_, of)| **of == lane).map(|(domain, _)| domain.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_one_provider_share_a_lane() {
        assert_eq!(lane_of("wanadoo.fr"), lane_of("orange.fr"));
        assert_eq!(lane_of("msn.com").as_provider(), Some("Outlook"));
        assert_eq!(lane_of("example.fr").as_provider(), None);
        assert_ne!(lane_of("example.fr"), lane_of("example.org"));
        assert!(domains_of("Orange").contains(&"wanadoo.fr") && domains_of("nobody").is_empty());
        let names = counted_under();
        assert!(names.contains("Orange") && names.contains(OTHER) && names.len() < 50, "{names:?}");
        assert!(by_domain().all(|(_, provider)| provider != OTHER));
    }

    #[test]
    fn no_domain_belongs_to_two_providers_and_all_are_in_lower_case() {
        let text = include_str!("../../config/providers.toml");
        let file: ProvidersFile = toml::from_str(text).unwrap();
        let domains: Vec<String> = file.provider.into_iter().flat_map(|provider| provider.domains).collect();
        assert_eq!(domains.len(), PROVIDERS.len());
        assert!(domains.iter().all(|domain| *domain == domain.to_lowercase() && domain.contains('.')));
    }
}
