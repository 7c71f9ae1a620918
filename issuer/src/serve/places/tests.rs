use super::*;
use std::net::{IpAddr, Ipv4Addr};

fn source(last: u8) -> Option<Source> {
    Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)).into())
}

async fn gave_way(place: &Place) -> bool {
    tokio::time::timeout(std::time::Duration::ZERO, place.given_away()).await.is_ok()
}

#[tokio::test]
async fn i23_silent_connections_of_one_address_end_each_other() {
    let places = Places::new(8, 2);
    let other = places.take(source(9)).unwrap();
    let first = places.take(source(1)).unwrap();
    let second = places.take(source(1)).unwrap();
    let more: Vec<Place> = (0..100).map(|_| places.take(source(1)).unwrap()).collect();
    assert!(more.iter().all(Place::is_held));
    assert!(gave_way(&first).await && gave_way(&second).await);
    assert!(!first.begin(), "its place belongs to another");
    assert!(!gave_way(&other).await && other.begin());
    drop((first, second, more));
    assert_eq!(places.counts(), (1, 0));
}

#[tokio::test]
async fn who_is_idle_for_the_longest_time_gives_way_first() {
    let places = Places::new(3, 3);
    let kept: Vec<Place> = (1..=3).map(|last| places.take(source(last)).unwrap()).collect();
    assert!(kept[0].begin());
    kept[0].end();
    let _next = places.take(source(4)).unwrap();
    assert!(!gave_way(&kept[0]).await, "it was used since");
    assert!(gave_way(&kept[1]).await);
    assert!(!gave_way(&kept[2]).await);
}

#[tokio::test]
async fn who_is_busy_keeps_its_place_and_others_are_turned_away() {
    let places = Places::new(2, 2);
    let busy: Vec<Place> = (1..=2).map(|last| places.take(source(last)).unwrap()).collect();
    assert!(busy.iter().all(Place::begin));
    let told: Vec<Place> = std::iter::from_fn(|| places.take(source(3))).take(1000).collect();
    assert_eq!(told.len(), TURNED_AWAY_AN_ADDRESS);
    assert!(told.iter().all(|place| !place.is_held() && place.begin()));
    let more = (4..=255).filter_map(|last| places.take(source(last))).collect::<Vec<_>>();
    assert_eq!(told.len() + more.len(), TURNED_AWAY);
    drop((told, more));
    busy[0].end();
    assert!(places.take(source(3)).unwrap().is_held());
    assert!(gave_way(&busy[0]).await && !gave_way(&busy[1]).await);
}

#[tokio::test]
async fn several_requests_on_one_connection_keep_it_busy() {
    let places = Places::new(1, 1);
    let place = places.take(source(1)).unwrap();
    assert!(place.begin() && place.begin());
    place.end();
    assert_eq!(places.counts(), (1, 0));
    place.end();
    assert_eq!(places.counts(), (1, 1));
    drop(place);
    assert_eq!(places.counts(), (0, 0));
    assert!(places.table().of.is_empty() && places.table().idle.is_empty());
}

#[tokio::test]
async fn a_connection_counts_for_the_source_that_its_proxy_tells() {
    let places = Places::new(8, 1);
    let first = places.take(None).unwrap().count_for(source(1)).unwrap();
    assert!(first.begin());
    assert!(places.take(None).unwrap().count_for(source(1)).is_none(), "its share is taken");
    let of_nobody = places.take(source(2)).unwrap().count_for(None).unwrap();
    assert!(places.take(source(2)).unwrap().is_held());
    assert_eq!(places.counts().0, 2);
    drop((first, of_nobody));
    assert_eq!(places.counts(), (0, 0));
    assert!(places.table().of.is_empty());
}

#[test]
fn limits_change_for_those_who_come() {
    let places = Places::new(1, 1);
    let kept = places.take(source(1)).unwrap();
    assert!(kept.begin());
    places.resize(2, 2);
    assert!(places.take(source(1)).unwrap().is_held());
}
