#include "simulator/twiml_document.h"

#include "core/text.h"

#include <pugixml.hpp>

#include <charconv>
#include <cstddef>
#include <sstream>

namespace carevoice::simulator {

namespace {

constexpr std::size_t document_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t say_characters_max = 4096;
constexpr std::size_t parameter_characters_max = 500;

Error schema_error(int code, std::string detail) {
    return Error{.code = Errc::corrupt, .detail = std::move(detail), .provider_code = code};
}

/// The words of an element and of the SSML inside it.
void collect_text(const pugi::xml_node& node, std::string& out) {
    for (const auto& child : node.children()) {
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
            out += child.value();
        else if (child.type() == pugi::node_element)
            collect_text(child, out);
    }
}

std::string text_of(const pugi::xml_node& node) {
    std::string text;
    collect_text(node, text);
    return std::string(trim(text));
}

Result<int> number_of(const pugi::xml_node& node, const char* name, int fallback) {
    const std::string_view text = node.attribute(name).as_string();
    if (text.empty()) return fallback;
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < 0)
        return schema_error(12200, std::string("Attribute ") + name + " must be a whole number.");
    return value;
}

Result<milliseconds> seconds_of(const pugi::xml_node& node, const char* name, int fallback) {
    const auto value = number_of(node, name, fallback);
    if (!value) return value.error();
    return milliseconds{*value * 1000};
}

Result<SayVerb> read_say(const pugi::xml_node& node) {
    SayVerb say{.text = text_of(node)};
    if (say.text.empty() || say.text.size() > say_characters_max)
        return schema_error(13520, "Say needs 1 to 4096 characters.");
    const auto loop = number_of(node, "loop", 1);
    if (!loop) return loop.error();
    say.loop = *loop == 0 ? 1000 : *loop;
    return say;
}

Result<PauseVerb> read_pause(const pugi::xml_node& node) {
    const auto length = seconds_of(node, "length", 1);
    if (!length) return length.error();
    if (length->count() == 0) return schema_error(12200, "Pause needs a length above 0.");
    return PauseVerb{*length};
}

Result<StreamNoun> read_stream(const pugi::xml_node& node, bool two_way) {
    StreamNoun stream{.url = node.attribute("url").as_string(),
                      .name = node.attribute("name").as_string(),
                      .status_callback = node.attribute("statusCallback").as_string(),
                      .status_method = node.attribute("statusCallbackMethod").as_string("POST")};
    if (!stream.url.starts_with("wss://") && !stream.url.starts_with("ws://"))
        return schema_error(31922, "A stream's URL must be wss.");
    if (stream.url.find('?') != std::string::npos) return schema_error(31920, "A stream's URL must have no query.");
    const std::string_view track = node.attribute("track").as_string("inbound_track");
    const bool known = track == "inbound_track" || (!two_way && (track == "outbound_track" || track == "both_tracks"));
    if (!known) return schema_error(31941, "Bad track.");
    for (const auto& parameter : node.children("Parameter")) {
        std::string name = parameter.attribute("name").as_string();
        std::string value = parameter.attribute("value").as_string();
        if (name.empty() || name.size() + value.size() >= parameter_characters_max)
            return schema_error(12200, "A stream's parameter needs a name, and fewer than 500 characters.");
        stream.parameters.emplace_back(std::move(name), std::move(value));
    }
    return stream;
}

Result<Verb> read_start(const pugi::xml_node& node) {
    const auto noun = node.child("Stream");
    if (!noun) return schema_error(12200, "Start needs a Stream.");
    auto stream = read_stream(noun, false);
    if (!stream) return stream.error();
    return Verb{StartStreamVerb{std::move(*stream)}};
}

Result<Verb> read_connect(const pugi::xml_node& node) {
    const auto noun = node.child("Stream");
    if (!noun) return schema_error(12200, "Connect needs a Stream.");
    auto stream = read_stream(noun, true);
    if (!stream) return stream.error();
    return Verb{ConnectStreamVerb{.stream = std::move(*stream),
                                  .action = node.attribute("action").as_string(),
                                  .method = node.attribute("method").as_string("POST")}};
}

Result<void> read_prompts(const pugi::xml_node& node, GatherVerb& gather) {
    for (const auto& child : node.children()) {
        if (child.type() != pugi::node_element) continue;
        const std::string_view name = child.name();
        if (name == "Say") {
            auto say = read_say(child);
            if (!say) return say.error();
            gather.prompts.emplace_back(std::move(*say));
        } else if (name == "Pause") {
            const auto pause = read_pause(child);
            if (!pause) return pause.error();
            gather.prompts.emplace_back(*pause);
        } else if (name == "Play") {
            gather.prompts.emplace_back(PlayVerb{});
        } else {
            return schema_error(12200, "Gather may hold Say, Play and Pause only.");
        }
    }
    return {};
}

Result<Verb> read_gather(const pugi::xml_node& node) {
    GatherVerb gather;
    std::istringstream inputs{std::string(node.attribute("input").as_string("dtmf"))};
    gather.dtmf = false;
    for (std::string input; inputs >> input;) {
        if (input != "dtmf" && input != "speech") return schema_error(12200, "Gather's input is dtmf, speech or both.");
        (input == "speech" ? gather.speech : gather.dtmf) = true;
    }
    gather.action = node.attribute("action").as_string();
    gather.method = node.attribute("method").as_string("POST");
    gather.finish_on_key = node.attribute("finishOnKey").as_string("#");
    gather.action_on_empty_result = node.attribute("actionOnEmptyResult").as_bool(false);
    const auto timeout = seconds_of(node, "timeout", 5);
    if (!timeout) return timeout.error();
    gather.timeout = *timeout;
    const auto digits = number_of(node, "numDigits", 0);
    if (!digits) return digits.error();
    gather.num_digits = *digits;
    const std::string_view speech_timeout = node.attribute("speechTimeout").as_string("auto");
    if (speech_timeout != "auto") {
        const auto span = seconds_of(node, "speechTimeout", 5);
        if (!span) return span.error();
        gather.speech_timeout = *span;
    }
    if (const auto prompts = read_prompts(node, gather); !prompts) return prompts.error();
    return Verb{std::move(gather)};
}

Result<Verb> read_dial(const pugi::xml_node& node) {
    const auto number = node.child("Number");
    const auto timeout = seconds_of(node, "timeout", 30);
    if (!timeout) return timeout.error();
    return Verb{DialVerb{.number = text_of(number ? number : node),
                         .action = node.attribute("action").as_string(),
                         .method = node.attribute("method").as_string("POST"),
                         .timeout = *timeout}};
}

template <class T>
Result<Verb> as_verb(Result<T> verb) {
    if (!verb) return verb.error();
    return Verb{std::move(*verb)};
}

Result<Verb> read_verb(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    if (name == "Say") return as_verb(read_say(node));
    if (name == "Pause") return as_verb(read_pause(node));
    if (name == "Play") return Verb{PlayVerb{}};
    if (name == "Redirect") return Verb{RedirectVerb{text_of(node), node.attribute("method").as_string("POST")}};
    if (name == "Hangup") return Verb{HangupVerb{}};
    if (name == "Reject") return Verb{RejectVerb{}};
    if (name == "Start") return read_start(node);
    if (name == "Stop") return Verb{StopStreamVerb{node.child("Stream").attribute("name").as_string()}};
    if (name == "Connect") return read_connect(node);
    if (name == "Gather") return read_gather(node);
    if (name == "Dial") return read_dial(node);
    return schema_error(12200, "Unknown verb " + std::string(name) + ".");
}

}  // namespace

Result<std::vector<Verb>> parse_twiml(std::string_view xml) {
    if (xml.size() > document_bytes_max) return schema_error(11750, "TwiML over 64 kB.");
    if (trim(xml).empty()) return schema_error(11770, "The answer has no body.");
    pugi::xml_document document;
    const auto parsed = document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata);
    if (!parsed) return schema_error(12100, std::string("Not XML: ") + parsed.description());
    const auto root = document.document_element();
    if (std::string_view(root.name()) != "Response") return schema_error(12101, "The root must be Response.");
    std::vector<Verb> verbs;
    for (const auto& node : root.children()) {
        if (node.type() != pugi::node_element) continue;
        auto verb = read_verb(node);
        if (!verb) return verb.error();
        verbs.push_back(std::move(*verb));
    }
    return verbs;
}

std::string resolve_url(std::string_view base, std::string_view reference) {
    if (reference.empty()) return std::string(base);
    if (reference.find("://") != std::string_view::npos) return std::string(reference);
    const auto scheme_end = base.find("://");
    if (scheme_end == std::string_view::npos) return std::string(reference);
    const auto path_begin = base.find('/', scheme_end + 3);
    const auto origin = base.substr(0, path_begin);
    if (reference.front() == '/') return std::string(origin) + std::string(reference);
    auto folder = path_begin == std::string_view::npos ? std::string_view("/") : base.substr(path_begin);
    folder = folder.substr(0, folder.find('?'));
    folder = folder.substr(0, folder.rfind('/') + 1);
    return std::string(origin) + std::string(folder) + std::string(reference);
}

}  // namespace carevoice::simulator
