#include "twilio/media_message.h"

#include "core/text.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace carevoice::twilio {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t first_capacity = 1024;  // a media frame of 20 ms has about 400 bytes
constexpr std::size_t depth_max = 32;

/// Empty when the field is absent or something else.
std::string_view string_of(const dom::object& object, std::string_view name) {
    std::string_view text;
    return object.at_key(name).get_string().get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

/// Twilio sends numbers as strings of digits, look-alike servers as numbers. nullopt for anything else.
std::optional<std::uint64_t> number_in(const dom::element& element) {
    std::uint64_t number = 0;
    if (element.get_uint64().get(number) == simdjson::SUCCESS) return number;
    std::string_view text;
    if (element.get_string().get(text) == simdjson::SUCCESS) return parse_digits(text);
    return std::nullopt;
}

std::uint64_t number_of(const dom::object& object, std::string_view name, std::uint64_t otherwise) {
    dom::element element;
    if (object.at_key(name).get(element) != simdjson::SUCCESS) return otherwise;
    return number_in(element).value_or(otherwise);
}

std::vector<std::pair<std::string, std::string>> strings_of(const dom::object& object, std::string_view name) {
    std::vector<std::pair<std::string, std::string>> strings;
    dom::object inner;
    if (object.at_key(name).get_object().get(inner) != simdjson::SUCCESS) return strings;
    for (const auto [key, value] : inner) {
        std::string_view text;
        if (value.get_string().get(text) == simdjson::SUCCESS) strings.emplace_back(key, text);
    }
    return strings;
}

/// False when the stream says that it is not 8 kHz mono mu-law; what it does not say is taken for granted.
bool is_telephone_audio(const dom::object& start) {
    dom::object format;
    if (start.at_key("mediaFormat").get_object().get(format) != simdjson::SUCCESS) return true;
    const std::string_view encoding = string_of(format, "encoding");
    return (encoding.empty() || encoding == "audio/x-mulaw") && number_of(format, "sampleRate", 8000) == 8000 &&
           number_of(format, "channels", 1) == 1;
}

StreamMessage read_start(const dom::object& message) {
    dom::object start;
    if (message.at_key("start").get_object().get(start) != simdjson::SUCCESS)
        return StreamIgnored{"start is not an object"};
    std::string_view stream_sid = string_of(message, "streamSid");
    if (stream_sid.empty()) stream_sid = string_of(start, "streamSid");
    const std::string_view call_sid = string_of(start, "callSid");
    if (stream_sid.empty() || call_sid.empty()) return StreamIgnored{"start without its SIDs"};
    if (!is_telephone_audio(start)) return StreamIgnored{"not 8 kHz mu-law"};
    return StreamStart{std::string(stream_sid), std::string(string_of(start, "accountSid")), std::string(call_sid),
                       strings_of(start, "customParameters")};
}

StreamMessage read_media(const dom::object& message, std::vector<std::uint8_t>& audio) {
    dom::object media;
    if (message.at_key("media").get_object().get(media) != simdjson::SUCCESS)
        return StreamIgnored{"media is not an object"};
    StreamMedia result;
    result.stream_sid = string_of(message, "streamSid");
    result.sequence = number_of(message, "sequenceNumber", 0);
    dom::element timestamp;
    if (media.at_key("timestamp").get(timestamp) == simdjson::SUCCESS) {
        result.timestamp_ms = number_in(timestamp);
        if (!result.timestamp_ms) return StreamIgnored{"timestamp is not a number"};
    }
    const std::string_view track = string_of(media, "track");
    result.inbound = track.empty() || track == "inbound" || track == "inbound_track";
    std::string_view payload;
    if (media.at_key("payload").get_string().get(payload) != simdjson::SUCCESS)
        return StreamIgnored{"media without payload"};
    audio.clear();
    if (!base64_decode(payload, audio)) return StreamIgnored{"payload is not base64"};
    result.mulaw = audio;
    return result;
}

StreamMessage read_dtmf(const dom::object& message) {
    dom::object dtmf;
    if (message.at_key("dtmf").get_object().get(dtmf) != simdjson::SUCCESS)
        return StreamIgnored{"dtmf is not an object"};
    const std::string_view digit = string_of(dtmf, "digit");
    constexpr std::string_view keys = "0123456789*#ABCD";
    if (digit.size() != 1 || keys.find(digit.front()) == std::string_view::npos)
        return StreamIgnored{"dtmf is not one key"};
    return StreamDtmf{string_of(message, "streamSid"), digit.front()};
}

StreamMessage read_mark(const dom::object& message) {
    dom::object mark;
    if (message.at_key("mark").get_object().get(mark) != simdjson::SUCCESS)
        return StreamIgnored{"mark is not an object"};
    const std::string_view name = string_of(mark, "name");
    if (name.empty()) return StreamIgnored{"mark without name"};
    return StreamMark{string_of(message, "streamSid"), std::string(name)};
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        } else {
            out += c;
        }
    }
    out += '"';
}

void open_message(std::string& out, std::string_view event, std::string_view stream_sid) {
    out.append(R"({"event":")").append(event).append(R"(","streamSid":)");
    append_json_string(out, stream_sid);
}

}  // namespace

struct StreamMessageParser::Buffers {
    dom::parser parser;
    dom::document document;
    std::string json;  ///< the frame and the padding that simdjson reads over
    std::vector<std::uint8_t> audio;
    std::size_t capacity = 0;

    /// simdjson grows to the exact size asked for, so that every slightly longer frame would allocate: this doubles.
    bool make_room(std::size_t size) {
        if (size <= capacity) return true;
        std::size_t wanted = std::max(capacity, first_capacity);
        while (wanted < size) wanted *= 2;
        if (parser.allocate(wanted, depth_max) != simdjson::SUCCESS) return false;
        if (document.allocate(wanted) != simdjson::SUCCESS) return false;
        json.resize(wanted + simdjson::SIMDJSON_PADDING);
        capacity = wanted;
        return true;
    }
};

StreamMessageParser::StreamMessageParser() : buffers_(std::make_unique<Buffers>()) {}
StreamMessageParser::~StreamMessageParser() = default;
StreamMessageParser::StreamMessageParser(StreamMessageParser&&) noexcept = default;
StreamMessageParser& StreamMessageParser::operator=(StreamMessageParser&&) noexcept = default;

StreamMessage StreamMessageParser::parse(std::string_view frame) {
    if (frame.empty()) return StreamIgnored{"empty frame"};
    if (frame.size() > stream_frame_bytes_max) return StreamIgnored{"frame over 64 kB"};
    if (!buffers_->make_room(frame.size())) return StreamIgnored{"out of memory"};
    std::memcpy(buffers_->json.data(), frame.data(), frame.size());
    std::memset(buffers_->json.data() + frame.size(), 0, simdjson::SIMDJSON_PADDING);

    dom::element root;
    if (buffers_->parser.parse_into_document(buffers_->document, buffers_->json.data(), frame.size(), false)
            .get(root) != simdjson::SUCCESS)
        return StreamIgnored{"not JSON"};
    dom::object message;
    if (root.get_object().get(message) != simdjson::SUCCESS) return StreamIgnored{"not an object"};
    const std::string_view event = string_of(message, "event");
    if (event == "media") return read_media(message, buffers_->audio);
    if (event == "mark") return read_mark(message);
    if (event == "dtmf") return read_dtmf(message);
    if (event == "connected") return StreamConnected{};
    if (event == "start") return read_start(message);
    if (event == "stop") return StreamStop{string_of(message, "streamSid")};
    return StreamIgnored{event.empty() ? "event is not a string" : "unknown event"};
}

void write_media(std::string& out, std::string_view stream_sid, std::span<const std::uint8_t> mulaw) {
    open_message(out, "media", stream_sid);
    out.append(R"(,"media":{"payload":")").append(base64_encode(std::as_bytes(mulaw))).append(R"("}})");
}

void write_mark(std::string& out, std::string_view stream_sid, std::string_view name) {
    open_message(out, "mark", stream_sid);
    out += R"(,"mark":{"name":)";
    append_json_string(out, name);
    out += "}}";
}

void write_clear(std::string& out, std::string_view stream_sid) {
    open_message(out, "clear", stream_sid);
    out += '}';
}

}  // namespace carevoice::twilio
