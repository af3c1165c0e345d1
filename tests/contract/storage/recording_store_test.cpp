#include "storage/recording_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <vector>

namespace carevoice::storage {
namespace {

const CallSessionId call_one("call-1");

class RecordingFolder : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "carevoice recordings XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        store_ = open({.current = key_, .previous = {}});
    }
    void TearDown() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::unique_ptr<RecordingStore> open(PhiKeys keys) {
        return open_recording_folder(folder_ / "recordings", std::move(keys)).value();
    }
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder_ / "recordings"))
            if (entry.path().filename() != "id") found.push_back(entry.path());
        return found;
    }
    static std::string bytes_of(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void overwrite(const std::filesystem::path& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    }
    Errc load_error() { return store_->load(call_one).error().code; }

    std::filesystem::path folder_;
    PhiKey key_ = PhiKey::make();
    std::unique_ptr<RecordingStore> store_;
    const std::string audio_ = std::string(200'000, 'a') + "the end";
};

TEST_F(RecordingFolder, GivesBackWhatItWasGiven) {
    for (const std::string& audio : {std::string(), std::string("RIFF"), std::string(65'536, 'x'), audio_}) {
        ASSERT_TRUE(store_->save(call_one, audio));
        EXPECT_EQ(store_->load(call_one).value(), audio);
    }
    EXPECT_EQ(files().size(), 1U);
    EXPECT_EQ(store_->load(CallSessionId("call-2")).error().code, Errc::not_found);
}

TEST_F(RecordingFolder, ShowsNothingOfItAndLetsNobodyElseRead) {
    ASSERT_TRUE(store_->save(call_one, audio_));
    const auto file = files().at(0);
    const auto bytes = bytes_of(file);
    EXPECT_EQ(bytes.find("the end"), std::string::npos);
    EXPECT_EQ(bytes.find("aaaaaaaa"), std::string::npos);
    EXPECT_EQ(file.string().find("call-1"), std::string::npos);
    EXPECT_EQ(bytes.substr(8, 16), key_.id());
    struct stat state {};
    ASSERT_EQ(::stat(file.c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777U, 0600U);
}

TEST_F(RecordingFolder, NoticesEveryFlippedBit) {
    ASSERT_TRUE(store_->save(call_one, audio_));
    const auto file = files().at(0);
    const auto whole = bytes_of(file);
    for (std::size_t at = 0; at < whole.size(); at += at < 80 ? 1 : 9'973) {
        auto broken = whole;
        broken[at] = static_cast<char>(broken[at] ^ 1);
        overwrite(file, broken);
        const auto code = load_error();
        EXPECT_TRUE(code == Errc::corrupt || code == Errc::forbidden) << at;
    }
    overwrite(file, whole);
    EXPECT_TRUE(store_->load(call_one));
}

TEST_F(RecordingFolder, NoticesWhatIsMissingOrAdded) {
    ASSERT_TRUE(store_->save(call_one, audio_));
    const auto file = files().at(0);
    const auto whole = bytes_of(file);
    const std::size_t second_piece = 8 + 16 + 24 + 65'536 + 17;
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{60}, second_piece, whole.size() - 1}) {
        overwrite(file, whole.substr(0, size));
        EXPECT_EQ(load_error(), Errc::corrupt) << size;
    }
    overwrite(file, whole + "x");
    EXPECT_EQ(load_error(), Errc::corrupt);
}

TEST_F(RecordingFolder, ACallsFileCannotStandInForAnother) {
    const CallSessionId call_two("call-2");
    ASSERT_TRUE(store_->save(call_one, "one"));
    const auto first = files().at(0);
    const auto bytes = bytes_of(first);
    ASSERT_TRUE(store_->save(call_two, "two"));
    for (const auto& file : files())
        if (file != first) overwrite(file, bytes);
    EXPECT_EQ(store_->load(call_two).error().code, Errc::corrupt);
}

TEST_F(RecordingFolder, AnotherKeyOpensNothingAndAPreviousOneDoes) {
    ASSERT_TRUE(store_->save(call_one, audio_));
    const PhiKey newer = PhiKey::make();
    EXPECT_EQ(open({.current = newer, .previous = {}})->load(call_one).error().code, Errc::forbidden);
    EXPECT_EQ(open({.current = newer, .previous = {key_}})->load(call_one).value(), audio_);
}

TEST_F(RecordingFolder, AFullDiskLeavesWhatWasThereAndNoLitter) {
    ASSERT_TRUE(store_->save(call_one, "before"));
    // A limit on the size of files stands in for a disk that has no more room.
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100'000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto saved = store_->save(call_one, audio_);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    ASSERT_TRUE(saved.has_error());
    EXPECT_EQ(saved.error().code, Errc::unavailable);
    EXPECT_EQ(store_->load(call_one).value(), "before");
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(RecordingFolder, ForgetsAndKeepsItsId) {
    ASSERT_TRUE(store_->save(call_one, audio_));
    EXPECT_TRUE(store_->remove(call_one));
    EXPECT_TRUE(store_->remove(call_one));
    EXPECT_EQ(load_error(), Errc::not_found);
    EXPECT_EQ(open({.current = key_, .previous = {}})->id(), store_->id());
}

TEST_F(RecordingFolder, AKeyIsMadeOnceAndForItsOwnerOnly) {
    const auto file = folder_ / "phi.key";
    const auto first = load_or_make_key(file).value();
    EXPECT_TRUE(first.made);
    struct stat state {};
    ASSERT_EQ(::stat(file.c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777U, 0600U);
    const auto again = load_or_make_key(file).value();
    EXPECT_FALSE(again.made);
    EXPECT_EQ(again.key.id(), first.key.id());
    ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
    EXPECT_EQ(load_or_make_key(file).error().code, Errc::forbidden);
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    overwrite(file, "no key\n");
    EXPECT_EQ(load_or_make_key(file).error().code, Errc::corrupt);
}

TEST(PhiKey, IsThirtyTwoBytesOfBase64AndNothingElse) {
    const auto key = PhiKey::make();
    EXPECT_EQ(PhiKey::from_base64(key.to_base64()).value().id(), key.id());
    EXPECT_EQ(key.id().size(), 16U);
    for (const auto* text : {"", "short", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%%%%"})
        EXPECT_EQ(PhiKey::from_base64(text).error().code, Errc::invalid_input) << text;
}

}  // namespace
}  // namespace carevoice::storage
