#include "api/event_publisher.h"

#include "api/call_json.h"
#include "core/log.h"

#include <boost/json/serialize.hpp>

namespace carevoice::api {

namespace json = boost::json;

EventPublisher::EventPublisher(EventPublisherDeps deps) : deps_(std::move(deps)), name_(deps_.random.hex(6)) {}

std::string EventPublisher::message(std::string_view kind, std::string_view call, std::string_view json) {
    std::string text = name_ + "." + std::to_string(++last_);
    for (const auto part : {kind, call, json}) text.append(" ").append(part);
    return text;
}

void EventPublisher::publish(std::string_view kind, const CallSessionId& call, const json::object& data) {
    if (queue_.push_dropping_oldest(message(kind, call.str(), json::serialize(data))))
        deps_.metrics.add("carevoice_events_dropped_total");
}

void EventPublisher::on_call(const domain::Call& call) {
    auto data = call_json(call);
    data["current_topic"] = call.current_topic.empty() ? json::value(nullptr) : json::value(call.current_topic);
    publish("call", call.call_session_id, data);
}

void EventPublisher::on_turns(const CallSessionId& call, const std::vector<domain::Turn>& turns) {
    for (const auto& turn : turns) {
        auto data = turn_json(turn);
        data["call_session_id"] = call.str();
        publish("turn", call, data);
    }
}

void EventPublisher::on_partial(const calls::PartialSpeech& speech) {
    json::object data;
    data["call_session_id"] = speech.call_session_id.str();
    data["topic"] = speech.topic.empty() ? json::value(nullptr) : json::value(speech.topic);
    data["text"] = speech.text;
    data["audio_ms"] = speech.audio_ms;
    publish("partial", speech.call_session_id, data);
}

void EventPublisher::on_alert(const domain::Alert& alert) {
    publish("alert", alert.call_session_id, alert_json(alert));
}

async::Task<> EventPublisher::run() {
    auto presence_at = std::chrono::steady_clock::now();
    for (;;) {
        auto next = co_await queue_.pop(Deadline(presence_at));
        if (next.has_error() && next.error().code == Errc::cancelled) co_return;
        if (next.has_error()) {
            presence_at = std::chrono::steady_clock::now() + presence_every;
            next = message("presence", "-", "{}");
        }
        co_await send(std::move(*next));
    }
}

async::Task<> EventPublisher::send(std::string message) {
    auto question = [&store = deps_.store, message]() { return store.publish(events_topic, message); };
    const auto sent = co_await deps_.pool.run(std::move(question));
    if (connected_.exchange(sent.has_value()) != sent.has_value())
        log(sent.has_value() ? LogLevel::info : LogLevel::warning,
            sent.has_value() ? "instances see each other's calls again" : "instances do not see each other's calls",
            {{"code", sent.has_value() ? "ok" : to_string(sent.error().code)}});
    if (sent.has_value()) co_return;
    deps_.metrics.add("carevoice_events_unsent_total");
    if (deps_.keep_here) deps_.keep_here(message);
}

}  // namespace carevoice::api
