#include "audio/voice_activity.h"

#include "audio/whisper_log.h"

#include <whisper.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

namespace carevoice::audio {

namespace {

struct FreeVad {
    void operator()(whisper_vad_context* context) const noexcept { whisper_vad_free(context); }
};
using VadContext = std::unique_ptr<whisper_vad_context, FreeVad>;

class SileroDetector final : public VoiceDetector {
public:
    explicit SileroDetector(VadContext context) : context_(std::move(context)) {}

    float probability(std::span<const float> window_16k) override {
        if (!whisper_vad_detect_speech_no_reset(context_.get(), window_16k.data(),
                                                static_cast<int>(window_16k.size())) ||
            whisper_vad_n_probs(context_.get()) < 1)
            return 0;
        return whisper_vad_probs(context_.get())[0];
    }

    void reset() override { whisper_vad_reset_state(context_.get()); }

private:
    VadContext context_;
};

/// A model file in memory, as whisper.cpp's loader wants to read it. Reading past the end gives zeros and is
/// remembered: the loader itself does not look.
struct MemoryReader {
    const std::vector<char>& bytes;
    std::size_t position = 0;
    bool cut_short = false;

    static std::size_t read(void* self, void* out, std::size_t size) {
        auto& reader = *static_cast<MemoryReader*>(self);
        const std::size_t taken = std::min(size, reader.bytes.size() - reader.position);
        // The loader learns of the end by trying to read one more number, so that much is no sign of damage.
        if (taken < size && (taken > 0 || size > sizeof(std::int32_t))) reader.cut_short = true;
        if (taken > 0) std::memcpy(out, reader.bytes.data() + reader.position, taken);
        std::memset(static_cast<char*>(out) + taken, 0, size - taken);
        reader.position += taken;
        return taken;
    }
    static bool at_end(void* self) {
        const auto& reader = *static_cast<MemoryReader*>(self);
        return reader.position >= reader.bytes.size();
    }
    static void close(void*) {}
};

VadContext make_context(const std::vector<char>& model) {
    MemoryReader reader{model};
    whisper_model_loader loader{&reader, MemoryReader::read, MemoryReader::at_end, MemoryReader::close};
    whisper_vad_context_params params = whisper_vad_default_context_params();
    params.n_threads = 1;
    params.use_gpu = false;
    VadContext context(whisper_vad_init_with_params(&loader, params));
    if (reader.cut_short) context.reset();
    return context;
}

class SileroPool final : public VoiceDetectorPool {
public:
    SileroPool(std::vector<char> model, VadContext first, std::size_t limit)
        : model_(std::move(model)), limit_(std::max<std::size_t>(1, limit)) {
        free_.reserve(limit_);
        free_.push_back(std::make_unique<SileroDetector>(std::move(first)));
    }

    Borrowed borrow() override {
        std::unique_ptr<VoiceDetector> detector;
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                detector = std::move(free_.back());
                free_.pop_back();
            } else if (made_ < limit_) {
                ++made_;
            } else {
                return nullptr;
            }
        }
        if (!detector) detector = make_another();
        if (detector) detector->reset();
        return Borrowed(detector.release(), Return{this});
    }

protected:
    void give_back(VoiceDetector* detector) noexcept override {
        std::unique_ptr<VoiceDetector> owned(detector);
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(owned));  // room for `limit_` was reserved: this cannot throw
    }

private:
    /// Outside the lock: it takes milliseconds.
    std::unique_ptr<VoiceDetector> make_another() {
        VadContext context = make_context(model_);
        if (context) return std::make_unique<SileroDetector>(std::move(context));
        const std::lock_guard lock(mutex_);
        --made_;
        return nullptr;
    }

    const std::vector<char> model_;
    const std::size_t limit_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<VoiceDetector>> free_;
    std::size_t made_ = 1;
};

class EnergyOnlyPool final : public VoiceDetectorPool {
public:
    Borrowed borrow() override { return nullptr; }

protected:
    void give_back(VoiceDetector*) noexcept override {}
};

/// whisper.cpp trusts sizes in the file, so only bytes that start as a model of this kind reach it: the magic number,
/// then the length and the text of the model's name.
bool looks_like_silero(const std::vector<char>& bytes) {
    constexpr std::string_view start("lmgg\x0a\0\0\0silero-", 15);
    return bytes.size() > 500'000 && bytes.size() < 8'000'000 && std::string_view(bytes.data(), start.size()) == start;
}

}  // namespace

void VoiceDetectorPool::Return::operator()(VoiceDetector* detector) const noexcept {
    pool->give_back(detector);
}

Result<std::unique_ptr<VoiceDetectorPool>> load_silero_pool(const std::filesystem::path& model, std::size_t limit) {
    route_whisper_log();
    std::ifstream file(model, std::ios::binary);
    if (!file) return Error{Errc::not_found, "the voice detector's model file is missing: ./dev setup brings it"};
    std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!looks_like_silero(bytes))
        return Error{Errc::corrupt, "the file is not a Silero voice detector for whisper.cpp"};
    VadContext first = make_context(bytes);
    if (!first) return Error{Errc::corrupt, "the voice detector's model file is damaged"};
    std::unique_ptr<VoiceDetectorPool> pool = std::make_unique<SileroPool>(std::move(bytes), std::move(first), limit);
    return pool;
}

std::unique_ptr<VoiceDetectorPool> make_energy_only_pool() {
    return std::make_unique<EnergyOnlyPool>();
}

}  // namespace carevoice::audio
