#include "twilio/twiml.h"

#include "core/text.h"

#include <pugixml.hpp>

#include <algorithm>
#include <optional>

namespace carevoice::twilio {

namespace {

constexpr std::size_t document_bytes_max = std::size_t{64} * 1024;  // error 11750 above
constexpr std::size_t say_bytes_max = 4'096;           // "characters" on one page, kilobytes on an older one
constexpr std::size_t parameter_characters_max = 499;  // name and value of one <Parameter> together
constexpr std::string_view pause_time = "350ms";
constexpr std::string_view slow_rate = "80%";
constexpr std::size_t hint_phrases_max = 500;
constexpr std::size_t hint_phrase_characters_max = 100;

struct StringWriter final : pugi::xml_writer {
    std::string text;
    void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
};

/// Length of the well-formed UTF-8 sequence at the front, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return length <= text.size() && is_valid_utf8(text.substr(0, length)) ? length : 0;
}

/// What XML 1.0 cannot carry even when escaped (control characters, U+FFFE, U+FFFF), and broken UTF-8, would make
/// Twilio refuse the document and end the call: left out.
std::string xml_safe(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        const auto first = static_cast<unsigned char>(character.front());
        const bool is_control = first < 0x20 && first != '\t' && first != '\n' && first != '\r';
        const bool is_noncharacter = character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
        if (length > 0 && !is_control && !is_noncharacter && first != 0x7F) safe += character;
        text.remove_prefix(character.size());
    }
    return safe;
}

/// Where to cut `text` so that the first piece has at most `most` bytes: after a sentence, else after a word, else
/// between two characters.
std::size_t cut_position(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text.size();
    for (std::size_t at = most; at > 1; --at) {
        const char end = text[at - 1];
        if ((end == '.' || end == '!' || end == '?') && text[at] == ' ') return at;
    }
    if (const auto space = text.substr(0, most + 1).rfind(' '); space != std::string_view::npos && space > 0)
        return space;
    std::size_t at = most;
    while (at > 1 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
    return at;
}

/// Twilio refuses longer lists and phrases: the first ones that fit.
std::string fitting_hints(std::string_view hints) {
    std::string fitting;
    std::size_t count = 0;
    while (!hints.empty() && count < hint_phrases_max) {
        const auto end = std::min(hints.find(','), hints.size());
        const std::string_view phrase = trim(hints.substr(0, end));
        hints.remove_prefix(std::min(end + 1, hints.size()));
        if (phrase.empty() || count_characters(phrase) > hint_phrase_characters_max) continue;
        if (count++ > 0) fitting += ',';
        fitting += phrase;
    }
    return fitting;
}

void set(pugi::xml_node node, const char* name, std::string_view value) {
    node.append_attribute(name).set_value(xml_safe(value).c_str());
}

void set(pugi::xml_node node, const char* name, int value) {
    node.append_attribute(name).set_value(value);
}

void set_text(pugi::xml_node node, std::string_view text) {
    node.append_child(pugi::node_pcdata).set_value(xml_safe(text).c_str());
}

bool reads_ssml(const SayVoice& voice) {
    return voice.voice.starts_with("Polly.") || voice.voice.starts_with("Google.");
}

/// `piece` stands at `offset` of the text that the pauses are counted in.
void set_spoken(pugi::xml_node verb, std::string_view piece, std::size_t offset, const Delivery& delivery) {
    auto node = verb;
    if (delivery.slowly) {
        node = verb.append_child("prosody");
        set(node, "rate", slow_rate);
    }
    std::size_t from = 0;
    for (const auto pause : delivery.pauses) {
        if (pause <= offset + from || pause >= offset + piece.size()) continue;
        set_text(node, piece.substr(from, pause - offset - from));
        set(node.append_child("break"), "time", pause_time);
        from = pause - offset;
    }
    set_text(node, piece.substr(from));
}

}  // namespace

struct TwiML::Document {
    pugi::xml_document xml;
    pugi::xml_node response;
    SayVoice voice;
    std::optional<Error> error;  ///< the first one; xml() reports it

    void say(pugi::xml_node parent, std::string_view text, const Delivery& delivery) const {
        const std::string safe = xml_safe(text);
        // Offsets into another text would pause in the middle of a word.
        const bool takes_ssml = safe.size() == text.size() && reads_ssml(voice);
        std::string_view rest = trim(safe);
        while (!rest.empty()) {
            const std::size_t at = cut_position(rest, say_bytes_max);
            auto verb = parent.append_child("Say");
            if (!voice.voice.empty()) set(verb, "voice", voice.voice);
            if (!voice.language.empty()) set(verb, "language", voice.language);
            const auto piece = trim(rest.substr(0, at));
            if (takes_ssml)
                set_spoken(verb, piece, static_cast<std::size_t>(piece.data() - safe.data()), delivery);
            else
                set_text(verb, piece);
            rest = trim(rest.substr(at));
        }
    }

    void stream(pugi::xml_node parent, std::string_view url, std::string_view name,
                const std::vector<std::pair<std::string, std::string>>& parameters, std::string_view callback) {
        // Twilio drops a stream whose URL has a query (31920): values travel as parameters.
        if (url.find('?') != std::string_view::npos)
            fail({Errc::invalid_input, "a stream URL cannot carry a query", "url"});
        auto node = parent.append_child("Stream");
        if (!name.empty()) set(node, "name", name);
        set(node, "url", url);
        set(node, "track", "inbound_track");
        if (!callback.empty()) {
            set(node, "statusCallback", callback);
            set(node, "statusCallbackMethod", "POST");
        }
        for (const auto& [parameter, value] : parameters) {
            if (count_characters(parameter) + count_characters(value) > parameter_characters_max)
                fail({Errc::too_large, "a stream parameter has 500 characters or more", "parameters"});
            auto child = node.append_child("Parameter");
            set(child, "name", parameter);
            set(child, "value", value);
        }
    }

    void fail(Error reason) {
        if (!error) error = std::move(reason);
    }
};

TwiML::TwiML(SayVoice voice) : document_(std::make_unique<Document>()) {
    auto declaration = document_->xml.append_child(pugi::node_declaration);
    set(declaration, "version", "1.0");
    set(declaration, "encoding", "UTF-8");
    document_->response = document_->xml.append_child("Response");
    document_->voice = std::move(voice);
}

TwiML::~TwiML() = default;
TwiML::TwiML(TwiML&&) noexcept = default;

TwiML& TwiML::say(std::string_view text, const Delivery& delivery) {
    document_->say(document_->response, text, delivery);
    return *this;
}

TwiML& TwiML::pause(int seconds) {
    set(document_->response.append_child("Pause"), "length", std::max(seconds, 1));
    return *this;
}

TwiML& TwiML::redirect(std::string_view url) {
    auto verb = document_->response.append_child("Redirect");
    set(verb, "method", "POST");
    set_text(verb, url);
    return *this;
}

TwiML& TwiML::hangup() {
    document_->response.append_child("Hangup");
    return *this;
}

TwiML& TwiML::start_stream(std::string_view wss_url, std::string_view name,
                           const std::vector<std::pair<std::string, std::string>>& parameters,
                           std::string_view status_callback_url) {
    document_->stream(document_->response.append_child("Start"), wss_url, name, parameters, status_callback_url);
    return *this;
}

TwiML& TwiML::stop_stream(std::string_view name) {
    set(document_->response.append_child("Stop").append_child("Stream"), "name", name);
    return *this;
}

TwiML& TwiML::connect_stream(std::string_view wss_url,
                             const std::vector<std::pair<std::string, std::string>>& parameters,
                             std::string_view status_callback_url) {
    document_->stream(document_->response.append_child("Connect"), wss_url, {}, parameters, status_callback_url);
    return *this;
}

TwiML& TwiML::gather(const GatherOptions& options, std::string_view prompt, const Delivery& delivery) {
    auto verb = document_->response.append_child("Gather");
    if (!options.speech && !options.dtmf)
        document_->fail({Errc::invalid_input, "a gather needs speech, keys or both", "input"});
    set(verb, "input", options.speech && options.dtmf ? "dtmf speech" : options.speech ? "speech" : "dtmf");
    set(verb, "action", options.action_url);
    set(verb, "method", "POST");
    set(verb, "timeout", std::max(options.timeout_seconds, 1));
    if (options.dtmf && options.num_digits > 0) set(verb, "numDigits", options.num_digits);
    if (options.speech) {
        if (!options.speech_timeout.empty()) set(verb, "speechTimeout", options.speech_timeout);
        if (!document_->voice.language.empty()) set(verb, "language", document_->voice.language);
        if (const std::string hints = fitting_hints(options.hints); !hints.empty()) set(verb, "hints", hints);
    }
    document_->say(verb, prompt, delivery);
    return *this;
}

TwiML& TwiML::dial(std::string_view number, std::string_view caller_id, int timeout_seconds) {
    auto verb = document_->response.append_child("Dial");
    if (!caller_id.empty()) set(verb, "callerId", caller_id);
    set(verb, "timeout", std::max(timeout_seconds, 1));
    set_text(verb.append_child("Number"), number);
    return *this;
}

Result<std::string> TwiML::xml() const {
    if (document_->error) return *document_->error;
    StringWriter writer;
    document_->xml.save(writer, "", pugi::format_raw, pugi::encoding_utf8);
    if (writer.text.size() > document_bytes_max) return Error{Errc::too_large, "the TwiML is over 64 kB"};
    return std::move(writer.text);
}

}  // namespace carevoice::twilio
