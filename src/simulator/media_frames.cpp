#include "simulator/media_frames.h"

#include "core/text.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

/// Real calls show a first frame about 50 ms into the stream, then 20 ms a frame.
constexpr std::uint64_t first_offset_ms = 47;
constexpr std::uint64_t chunk_ms = 20;

bool has_exactly(const json::object& object, std::initializer_list<std::string_view> names) {
    return object.size() == names.size() &&
           std::ranges::all_of(names, [&](std::string_view name) { return object.contains(name); });
}

PlayMessage read_media(const json::object& message) {
    const auto* media = message.at("media").if_object();
    if (media == nullptr || !has_exactly(*media, {"payload"}) || !media->at("payload").is_string())
        return PlayInvalid{"media needs a payload and nothing else"};
    PlayMedia play;
    if (!base64_decode(media->at("payload").as_string(), play.mulaw)) return PlayInvalid{"payload is not base64"};
    return play;
}

PlayMessage read_mark(const json::object& message) {
    const auto* mark = message.at("mark").if_object();
    if (mark == nullptr || !has_exactly(*mark, {"name"}) || !mark->at("name").is_string() ||
        mark->at("name").as_string().empty())
        return PlayInvalid{"mark needs a name and nothing else"};
    return PlayMark{std::string(mark->at("name").as_string())};
}

}  // namespace

std::string FrameWriter::connected() {
    return R"({"event":"connected","protocol":"Call","version":"1.0.0"})";
}

std::string FrameWriter::start(const std::vector<std::pair<std::string, std::string>>& parameters) {
    json::object custom;
    for (const auto& [name, value] : parameters) custom.insert_or_assign(name, value);
    const json::object format{{"encoding", "audio/x-mulaw"}, {"sampleRate", 8000}, {"channels", 1}};
    const json::object begin{{"accountSid", identity_.account_sid},
                             {"streamSid", identity_.stream_sid},
                             {"callSid", identity_.call_sid},
                             {"tracks", json::array{"inbound"}},
                             {"mediaFormat", format},
                             {"customParameters", custom}};
    const json::object message{{"event", "start"},
                               {"sequenceNumber", std::to_string(++sequence_)},
                               {"start", begin},
                               {"streamSid", identity_.stream_sid}};
    return json::serialize(message);
}

std::string FrameWriter::media(std::span<const std::uint8_t> mulaw) {
    ++chunk_;
    std::string frame = R"({"event":"media","sequenceNumber":")";
    frame.reserve(384);
    frame += std::to_string(++sequence_);
    frame += R"(","media":{"track":"inbound","chunk":")";
    frame += std::to_string(chunk_);
    frame += R"(","timestamp":")";
    frame += std::to_string(first_offset_ms + chunk_ * chunk_ms);
    frame += R"(","payload":")";
    frame += base64_encode(std::as_bytes(mulaw));
    frame += R"("},"streamSid":")";
    frame += identity_.stream_sid;
    frame += "\"}";
    return frame;
}

std::string FrameWriter::mark(std::string_view name) {
    const json::object message{{"event", "mark"},
                               {"sequenceNumber", std::to_string(++sequence_)},
                               {"streamSid", identity_.stream_sid},
                               {"mark", json::object{{"name", name}}}};
    return json::serialize(message);
}

std::string FrameWriter::stop() {
    const json::object end{{"accountSid", identity_.account_sid}, {"callSid", identity_.call_sid}};
    const json::object message{{"event", "stop"},
                               {"sequenceNumber", std::to_string(++sequence_)},
                               {"stop", end},
                               {"streamSid", identity_.stream_sid}};
    return json::serialize(message);
}

PlayMessage read_play_message(std::string_view frame, std::string_view stream_sid) {
    boost::system::error_code failure;
    const auto value = json::parse(frame, failure);
    if (failure || !value.is_object()) return PlayInvalid{"not a JSON object"};
    const auto& message = value.as_object();
    const auto* event = message.if_contains("event");
    const auto* sid = message.if_contains("streamSid");
    if (event == nullptr || !event->is_string() || sid == nullptr || !sid->is_string())
        return PlayInvalid{"needs event and streamSid"};
    if (sid->as_string() != stream_sid) return PlayInvalid{"wrong streamSid"};
    if (event->as_string() == "clear" && has_exactly(message, {"event", "streamSid"})) return PlayClear{};
    if (event->as_string() == "media" && has_exactly(message, {"event", "streamSid", "media"}))
        return read_media(message);
    if (event->as_string() == "mark" && has_exactly(message, {"event", "streamSid", "mark"})) return read_mark(message);
    return PlayInvalid{"unknown event, or missing or extra fields"};
}

}  // namespace carevoice::simulator
