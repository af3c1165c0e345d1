#include "speech/remote_engine.h"

#include "audio/wav.h"
#include "core/text.h"
#include "speech/text_filter.h"

#include <boost/json.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace carevoice::speech {

namespace {

namespace json = boost::json;

constexpr std::size_t samples_max = std::size_t{30} * 16'000;
constexpr std::size_t answer_max = std::size_t{1024} * 1024;
/// When the server tells no probabilities: enough to go on, not enough to be sure.
constexpr double unknown_confidence = 0.7;

/// multipart/form-data (RFC 7578).
class Form {
public:
    explicit Form(std::string boundary) : boundary_(std::move(boundary)) {}

    void field(std::string_view name, std::string_view value) {
        start(name);
        body_.append("\r\n\r\n").append(value).append("\r\n");
    }
    void file(std::string_view name, std::string_view file_name, std::string_view type, std::string_view bytes) {
        start(name);
        body_.append("; filename=\"").append(file_name).append("\"\r\nContent-Type: ").append(type);
        body_.append("\r\n\r\n").append(bytes).append("\r\n");
    }
    std::string finish() && { return std::move(body_.append("--").append(boundary_).append("--\r\n")); }

private:
    void start(std::string_view name) {
        body_.append("--").append(boundary_).append("\r\nContent-Disposition: form-data; name=\"");
        body_.append(name).append("\"");
    }
    std::string boundary_;
    std::string body_;
};

/// A line that the audio and the prompt do not hold.
std::string choose_boundary(std::string_view audio, std::string_view prompt) {
    for (unsigned attempt = 0;; ++attempt) {
        std::string boundary = "carevoice-part-" + std::to_string(attempt);
        if (audio.find(boundary) == std::string_view::npos && prompt.find(boundary) == std::string_view::npos)
            return boundary;
    }
}

double number_or(const json::object& object, std::string_view name, double otherwise) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return otherwise;
    return value->to_number<double>();
}

std::optional<std::string> text_of(const json::object& object) {
    const json::value* const value = object.if_contains("text");
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

/// What was surely not said. The probabilities are the original's own (see the limits in OpenAI's transcribe.py).
bool was_said(const std::string& text, double mean_log_probability, double no_speech) {
    if (text.empty()) return false;
    if (mentions_red_flag(text)) return true;
    const Phantom phantom = phantom_phrase(text);
    if (phantom == Phantom::certain) return false;
    if (phantom == Phantom::possible && no_speech > 0.5) return false;
    return no_speech <= 0.6 || mean_log_probability >= -1.0;
}

std::optional<Segment> read_segment(const json::value& value) {
    const json::object* const object = value.if_object();
    if (object == nullptr) return std::nullopt;
    Segment segment;
    segment.text = remove_sound_remarks(text_of(*object).value_or(""));
    const double log_probability = number_or(*object, "avg_logprob", std::log(unknown_confidence));
    if (!was_said(segment.text, log_probability, number_or(*object, "no_speech_prob", 0))) return std::nullopt;
    const auto to_ms = [](double seconds) { return static_cast<std::int64_t>(std::clamp(seconds, 0.0, 30.0) * 1'000); };
    segment.start_ms = to_ms(number_or(*object, "start", 0));
    segment.end_ms = std::max(segment.start_ms, to_ms(number_or(*object, "end", 0)));
    segment.confidence = std::clamp(std::exp(log_probability), 0.0, 1.0);
    return segment;
}

Result<Transcription> read_answer(std::string_view body, bool word_details) {
    boost::system::error_code failure;
    json::value parsed = body.size() > answer_max ? json::value() : json::parse(body, failure);
    const json::object* const object = failure ? nullptr : parsed.if_object();
    const auto text = object == nullptr ? std::nullopt : text_of(*object);
    if (!text) return Error{Errc::unavailable, "the speech server's answer is no transcription"};
    Transcription result;
    const json::value* const segments = object->if_contains("segments");
    const json::array* const list = segments == nullptr ? nullptr : segments->if_array();
    if (list == nullptr || list->empty()) {
        result.text = remove_sound_remarks(*text);
        if (!was_said(result.text, 0, 0)) result.text.clear();
        result.confidence = result.text.empty() ? 0 : unknown_confidence;
    } else {
        double weight = 0;
        for (const json::value& value : *list) {
            auto segment = read_segment(value);
            if (!segment) continue;
            const auto length = static_cast<double>(segment->text.size());
            result.confidence = (result.confidence * weight + segment->confidence * length) / (weight + length);
            weight += length;
            if (!result.text.empty()) result.text += ' ';
            result.text += segment->text;
            if (word_details) result.segments.push_back(std::move(*segment));
        }
    }
    const Repetition repetition = collapse_repetition(result.text);
    if (repetition.count > 4) result.text = repetition.text;
    return result;
}

Error refused(int status) {
    if (status == 429 || status >= 500) return Error{Errc::unavailable, "the speech server is overloaded", {}, status};
    return Error{Errc::rejected, "the speech server refused the request", {}, status};
}

class RemoteEngine final : public SpeechToText {
public:
    RemoteEngine(RemoteSttOptions options, net::HttpClient& http, Metrics& metrics)
        : options_(std::move(options)), http_(http), metrics_(metrics) {}

    async::Task<Result<Transcription>> transcribe(Samples16k audio, TranscribeOptions options,
                                                  Deadline deadline) override {
        if (!audio || audio->size() > samples_max)
            co_return Error{Errc::invalid_input, "a clip has at most 30 seconds", "audio"};
        const OneMore job(load_);
        if (job.number > options_.jobs_max) {
            count("refused");
            co_return Error{Errc::unavailable, "too many clips are at the speech server already"};
        }
        const SteadyTime begun = std::chrono::steady_clock::now();
        if (deadline.passed(begun)) co_return Error{Errc::timed_out, "the transcription came too late"};
        auto request = make_request(*audio, options);
        auto response = co_await http_.send(options_.base_url, std::move(request), deadline);
        const SteadyTime ended = std::chrono::steady_clock::now();
        metrics_.observe_seconds("carevoice_stt_seconds", std::chrono::duration<double>(ended - begun).count());
        auto result = read_response(response, options.word_details);
        count(result.has_error() ? to_string(result.error().code) : result->text.empty() ? "empty" : "ok");
        if (result) result->took = std::chrono::duration_cast<milliseconds>(ended - begun);
        co_return result;
    }

    [[nodiscard]] std::size_t load() const noexcept override { return load_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t workers() const noexcept override { return options_.jobs_max; }

private:
    struct OneMore {
        explicit OneMore(std::atomic<std::size_t>& count_) : count(count_), number(++count) {}
        ~OneMore() { --count; }
        OneMore(const OneMore&) = delete;
        OneMore& operator=(const OneMore&) = delete;
        std::atomic<std::size_t>& count;
        const std::size_t number;
    };

    net::HttpRequest make_request(const std::vector<float>& audio, const TranscribeOptions& options) const {
        const std::string wav = audio::write_wav(audio, 16'000);
        const std::string boundary = choose_boundary(wav, options.prompt);
        Form form(boundary);
        form.field("model", options_.model);
        form.field("language", options.language);
        form.field("response_format", "verbose_json");
        form.field("temperature", "0");
        if (!options.prompt.empty()) form.field("prompt", options.prompt);
        form.file("file", "clip.wav", "audio/wav", wav);
        net::HttpRequest request;
        request.method = "POST";
        std::string_view prefix = options_.base_url.path;
        while (prefix.ends_with('/')) prefix.remove_suffix(1);
        request.target = std::string(prefix) + "/v1/audio/transcriptions";
        request.headers.set("Content-Type", "multipart/form-data; boundary=" + boundary);
        if (!options_.api_key.empty()) request.headers.set("Authorization", "Bearer " + options_.api_key);
        request.body = std::move(form).finish();
        return request;
    }

    static Result<Transcription> read_response(const Result<net::HttpResponse>& response, bool word_details) {
        if (response.has_error()) {
            const Errc code = response.error().code;
            if (code == Errc::timed_out || code == Errc::cancelled) return response.error();
            return Error{Errc::unavailable, response.error().detail};
        }
        if (response->status != 200) return refused(response->status);
        return read_answer(response->body, word_details);
    }

    void count(std::string_view outcome) { metrics_.add("carevoice_stt_jobs_total", {{"outcome", outcome}}); }

    const RemoteSttOptions options_;
    net::HttpClient& http_;
    Metrics& metrics_;
    std::atomic<std::size_t> load_{0};
};

}  // namespace

std::unique_ptr<SpeechToText> make_remote_stt(RemoteSttOptions options, net::HttpClient& http, Metrics& metrics) {
    return std::make_unique<RemoteEngine>(std::move(options), http, metrics);
}

}  // namespace carevoice::speech
