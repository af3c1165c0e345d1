#include "speech/whisper_decoder.h"

#include "audio/whisper_log.h"
#include "core/text.h"
#include "speech/text_filter.h"
#include "speech/whisper_file.h"

#include <whisper.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace carevoice::speech {

namespace {

constexpr std::size_t rate = 16'000;
constexpr std::size_t samples_max = 30 * rate;
constexpr std::size_t frame_samples = 320;  // one frame of the encoder: 20 ms
constexpr int audio_ctx_max = 1'500;
// Whisper was trained on 30 s with silence behind the speech: a window without a tail makes it loop (whisper-streaming
// notes, section 6).
constexpr int tail_frames = 64;
constexpr int audio_ctx_min = 320;
constexpr int audio_ctx_min_with_prompt = 384;
constexpr int audio_ctx_referee = 512;
// Of 368 decodes of the scenario answers 18 % are below; each of those costs the reply some 300 ms.
constexpr double doubtful_below = 0.70;
constexpr std::size_t second_look_samples_max = 10 * rate;

int round_up_64(int frames) {
    return (frames + 63) / 64 * 64;
}

int context_for(std::size_t samples, int at_least) {
    const int frames = static_cast<int>((samples + frame_samples - 1) / frame_samples);
    return std::min(audio_ctx_max, round_up_64(std::max(at_least, frames + tail_frames)));
}

int tokens_for(std::size_t samples) {
    return 8 + static_cast<int>(6 * samples / rate);
}

/// Below -70 dB there is nothing to hear, and Whisper would invent something.
bool is_silent(const std::vector<float>& audio) {
    return std::ranges::all_of(audio, [](float sample) { return std::abs(sample) < 3e-4F; });
}

}  // namespace

void FreeWhisperContext::operator()(whisper_context* context) const noexcept {
    whisper_free(context);
}

void WhisperDecoder::FreeState::operator()(whisper_state* state) const noexcept {
    whisper_free_state(state);
}

Result<WhisperContext> load_whisper_context(const std::filesystem::path& model) {
    audio::route_whisper_log();
    const auto checked = check_whisper_file(model);
    if (!checked) return checked.error();
    whisper_context_params params = whisper_context_default_params();
    params.use_gpu = false;
    params.flash_attn = false;  // on a CPU slower, and its padding leaks one clip into the next
    WhisperContext context(whisper_init_from_file_with_params_no_state(model.c_str(), params), FreeWhisperContext{});
    if (!context) return Error{Errc::corrupt, model.string() + " cannot be loaded: fetch it again"};
    return context;
}

Result<std::unique_ptr<WhisperDecoder>> WhisperDecoder::make(WhisperContext context) {
    std::unique_ptr<WhisperDecoder> decoder(new WhisperDecoder(std::move(context)));
    if (!decoder->make_state()) return Error{Errc::unavailable, "no memory for another speech decoder"};
    return decoder;
}

bool WhisperDecoder::make_state() {
    state_.reset(whisper_init_state(context_.get()));
    return state_ != nullptr;
}

Result<Transcription> WhisperDecoder::transcribe(const std::vector<float>& audio, const TranscribeOptions& options,
                                                 const std::function<bool()>& give_up) {
    if (audio.size() > samples_max) return Error{Errc::invalid_input, "a clip has at most 30 seconds", "audio"};
    if (whisper_lang_id(options.language.c_str()) < 0)
        return Error{Errc::invalid_input, "the language is not one of Whisper's", "language"};
    if (is_silent(audio)) return Transcription{};
    if (!state_ && !make_state()) return Error{Errc::unavailable, "no memory for a speech decoder"};

    std::vector<float> padded;
    if (audio.size() < rate) {
        padded = audio;
        padded.resize(rate);
    }
    const std::vector<float>& clip = padded.empty() ? audio : padded;
    // A prompt makes short answers loop when timestamps are on, and needs a wider window.
    Pass pass{.audio_ctx = context_for(clip.size(), options.prompt.empty() ? audio_ctx_min : audio_ctx_min_with_prompt),
              .tokens_max = tokens_for(clip.size()),
              .prompt = options.prompt,
              .timestamps = options.prompt.empty()};
    auto draft = decode(clip, pass, options.language, give_up);
    if (draft && !pass.prompt.empty() && echoes_prompt(draft->text, pass.prompt) && draft->confidence < 0.6) {
        pass.prompt.clear();
        pass.timestamps = true;
        draft = decode(clip, pass, options.language, give_up);
    }
    if (draft && options.second_look && draft->confidence < doubtful_below && clip.size() <= second_look_samples_max)
        look_again(*draft, clip, pass, options.language, give_up);
    if (draft) draft = settle_repetition(std::move(*draft), clip, pass, options.language, give_up);
    if (!draft) return draft.error();
    if (!was_said(*draft)) return Transcription{};
    Transcription result;
    result.text = std::move(draft->text);
    result.confidence = draft->confidence;
    if (options.word_details) result.segments = std::move(draft->segments);
    return result;
}

/// Names, dates and clipped words that the greedy search lost. A beam also finds loops that a greedy search does not,
/// and those score well: they never replace a draft without one.
void WhisperDecoder::look_again(Draft& draft, const std::vector<float>& audio, Pass pass, const std::string& language,
                                const std::function<bool()>& give_up) {
    pass.beams = 4;
    auto second = decode(audio, pass, language, give_up);
    if (!second || second->hit_limit || second->mean_log_probability <= draft.mean_log_probability) return;
    if (collapse_repetition(second->text).count > collapse_repetition(draft.text).count) return;
    draft = std::move(*second);
}

/// A loop is an artefact of a narrow window, so a wider one is the referee: "no, no, no" that it hears too was said.
Result<WhisperDecoder::Draft> WhisperDecoder::settle_repetition(Draft draft, const std::vector<float>& audio, Pass pass,
                                                                const std::string& language,
                                                                const std::function<bool()>& give_up) {
    if (collapse_repetition(draft.text).count == 1 && !draft.hit_limit) return draft;
    pass.audio_ctx = std::min(audio_ctx_max, std::max(audio_ctx_referee, pass.audio_ctx + 192));
    pass.tokens_max *= 2;
    auto second = decode(audio, pass, language, give_up);
    if (!second) return second.error();
    auto collapsed = collapse_repetition(second->text);
    const milliseconds duration(audio.size() / 16);
    const bool nobody_could = second->hit_limit || is_faster_than_speech(second->text, duration);
    if (collapsed.count > 4 || (collapsed.count > 1 && nobody_could)) {
        second->text = std::move(collapsed.text);
        second->segments = {Segment{second->text, 0, duration.count(), second->confidence}};
    }
    return second;
}

Result<WhisperDecoder::Draft> WhisperDecoder::decode(const std::vector<float>& audio, const Pass& pass,
                                                     const std::string& language,
                                                     const std::function<bool()>& give_up) {
    whisper_full_params params =
        whisper_full_default_params(pass.beams > 1 ? WHISPER_SAMPLING_BEAM_SEARCH : WHISPER_SAMPLING_GREEDY);
    params.beam_search.beam_size = pass.beams;
    params.n_threads = 1;
    params.language = language.c_str();
    params.no_context = true;
    params.single_segment = true;
    params.no_timestamps = !pass.timestamps;
    params.audio_ctx = pass.audio_ctx;
    params.max_tokens = pass.tokens_max;
    params.temperature_inc = 0;  // a fallback costs up to five decodes more: the guards judge instead
    params.greedy.best_of = 1;
    params.no_speech_thold = 2;   // whisper.cpp reads this probability from a row that is never filled: see below
    params.suppress_nst = false;  // forbidding brackets turns noise into invented sentences
    params.print_progress = params.print_realtime = params.print_timestamps = params.print_special = false;
    if (!pass.prompt.empty()) params.initial_prompt = pass.prompt.c_str();
    params.abort_callback = [](void* ask) { return (*static_cast<const std::function<bool()>*>(ask))(); };
    params.abort_callback_user_data = const_cast<std::function<bool()>*>(&give_up);

    const int status =
        whisper_full_with_state(context_.get(), state_.get(), params, audio.data(), static_cast<int>(audio.size()));
    if (status == -7) {
        (void)state_.release();  // whisper.cpp has freed it already
        return Error{Errc::unavailable, "no memory for the speech decoder"};
    }
    if (give_up()) return Error{Errc::cancelled, "nobody waits for this transcription any more"};
    if (status != 0) return Error{Errc::internal, "the speech decoder failed", {}, status};
    return read_draft(pass, static_cast<std::int64_t>(audio.size() / 16));
}

WhisperDecoder::Draft WhisperDecoder::read_draft(const Pass& pass, std::int64_t clip_ms) {
    const whisper_token end_of_text = whisper_token_eot(context_.get());
    const whisper_token first_time = whisper_token_beg(context_.get());
    Draft draft;
    Segment open;
    double sum = 0;
    double sum_log = 0;
    int words = 0;
    int tokens = 0;
    int open_tokens = 0;
    const auto close = [&](std::int64_t at_ms) {
        open.text = remove_sound_remarks(open.text);
        open.end_ms = std::clamp(at_ms, open.start_ms, clip_ms);
        if (open_tokens > 0) open.confidence /= open_tokens;
        if (!open.text.empty()) draft.segments.push_back(open);
        open = Segment{};
        open.start_ms = std::clamp<std::int64_t>(at_ms, 0, clip_ms);
        open_tokens = 0;
    };
    std::string text;
    for (int s = 0; s < whisper_full_n_segments_from_state(state_.get()); ++s) {
        for (int t = 0; t < whisper_full_n_tokens_from_state(state_.get(), s); ++t) {
            const whisper_token_data token = whisper_full_get_token_data_from_state(state_.get(), s, t);
            ++tokens;
            if (token.id >= first_time) close(static_cast<std::int64_t>(token.id - first_time) * 20);
            if (token.id >= end_of_text) continue;  // timestamps would lower the mean
            const char* const piece = whisper_token_to_str(context_.get(), token.id);
            text += piece;
            open.text += piece;
            open.confidence += static_cast<double>(token.p);
            ++open_tokens;
            sum += static_cast<double>(token.p);
            sum_log += static_cast<double>(token.plog);
            ++words;
        }
    }
    close(clip_ms);
    if (!is_valid_utf8(text)) return Draft{};  // half a character: such text was cut in a loop
    draft.text = remove_sound_remarks(text);
    draft.confidence = words > 0 ? std::clamp(sum / words, 0.0, 1.0) : 0;
    draft.mean_log_probability = words > 0 ? sum_log / words : -10;
    draft.hit_limit = tokens >= pass.tokens_max;
    return draft;
}

bool WhisperDecoder::was_said(const Draft& draft) {
    if (draft.text.empty()) return false;
    if (mentions_red_flag(draft.text)) return true;
    const Phantom phantom = phantom_phrase(draft.text);
    if (phantom == Phantom::certain) return false;
    const bool suspicious =
        phantom == Phantom::possible || plain_words(draft.text).size() <= 3 || draft.confidence < 0.5;
    if (!suspicious) return true;
    const double no_speech = no_speech_probability();
    if (phantom == Phantom::possible && (no_speech > 0.5 || draft.confidence < 0.3)) return false;
    return no_speech <= 0.6 || draft.mean_log_probability >= -1.0;
}

/// The original reads it at the start token; whisper.cpp 1.8 does not, so decode that token alone (8 ms): silence gives
/// 0.9, speech 0.01 to 0.3.
double WhisperDecoder::no_speech_probability() {
    const whisper_token start = whisper_token_sot(context_.get());
    if (whisper_decode_with_state(context_.get(), state_.get(), &start, 1, 0, 1) != 0) return 0;
    const float* const logits = whisper_get_logits_from_state(state_.get());
    const auto size = static_cast<std::size_t>(whisper_n_vocab(context_.get()));
    const float highest = *std::max_element(logits, logits + size);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += std::exp(static_cast<double>(logits[i] - highest));
    const auto nobody = static_cast<std::size_t>(whisper_token_nosp(context_.get()));
    return std::exp(static_cast<double>(logits[nobody] - highest)) / sum;
}

}  // namespace carevoice::speech
