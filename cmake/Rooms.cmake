# Rooms: one static library per folder of src/. What a room may use is its USES list and nothing else. The compiler does
# not hold it to that, for every room sees all of src/; tools/check_rooms.py does.

set(CAREVOICE_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wimplicit-fallthrough -Wnull-dereference -Werror)

add_library(carevoice_build_flags INTERFACE)
target_compile_options(carevoice_build_flags INTERFACE ${CAREVOICE_WARNINGS})
target_include_directories(carevoice_build_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(carevoice_build_flags INTERFACE
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ALLOW_DEPRECATED_HEADERS)

# Clang 16 keeps the address of a thread-local variable across co_await when it optimises, so a coroutine that goes on on
# another thread would use the first thread's memory pool (ThreadSanitizer finds it in unit_net). With this, Asio asks the
# threads library each time. The same trap waits for every `thread_local` that a coroutine touches itself.
string(TOUPPER "${CMAKE_BUILD_TYPE}" carevoice_build_type)
if(NOT "${CMAKE_CXX_FLAGS_${carevoice_build_type}}" MATCHES "-O0")
  target_compile_definitions(carevoice_build_flags INTERFACE BOOST_ASIO_DISABLE_THREAD_KEYWORD_EXTENSION)
endif()

# Asio and Beast, parsed once per build tree instead of once per file. Only rooms that ask (HEAVY) pay for it.
add_library(carevoice_heavy STATIC ${CMAKE_SOURCE_DIR}/cmake/heavy.cpp)
target_link_libraries(carevoice_heavy PUBLIC carevoice_build_flags Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
target_precompile_headers(carevoice_heavy PUBLIC ${CMAKE_SOURCE_DIR}/cmake/heavy.h)

# carevoice_room(NAME [HEAVY] [USES room...] [PARTS target...])
function(carevoice_room name)
  cmake_parse_arguments(ROOM "HEAVY" "" "USES;PARTS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  endif()
  add_library(carevoice_${name} STATIC ${sources})
  list(TRANSFORM ROOM_USES PREPEND carevoice_)
  target_link_libraries(carevoice_${name} PUBLIC carevoice_build_flags ${ROOM_USES} ${ROOM_PARTS} Threads::Threads)
  if(ROOM_HEAVY)
    target_precompile_headers(carevoice_${name} REUSE_FROM carevoice_heavy)
    target_link_libraries(carevoice_${name} PUBLIC OpenSSL::SSL OpenSSL::Crypto)
  endif()
endfunction()

# SERIAL: plays calls in real time, so it wants the machine for itself.
# WHOLE: its tests share a server that is dear to start, so ctest runs the program once instead of once for each test.
# carevoice_test(NAME [HEAVY] [SERIAL] [WHOLE] [LABELS label...] [SOURCES glob-root] [USES room...] [PARTS target...]): one GoogleTest program.
function(carevoice_test name)
  cmake_parse_arguments(TEST "HEAVY;SERIAL;WHOLE" "SOURCES" "LABELS;USES;PARTS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${TEST_SOURCES}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  list(TRANSFORM TEST_USES PREPEND carevoice_)
  target_link_libraries(${name} PRIVATE carevoice_build_flags ${TEST_USES} ${TEST_PARTS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE
      CAREVOICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CAREVOICE_MODELS_DIR="${CMAKE_SOURCE_DIR}/models")
  # GoogleTest 1.12 macros trip these in user code.
  target_compile_options(${name} PRIVATE -Wno-sign-conversion -Wno-gnu-zero-variadic-macro-arguments)
  if(TEST_HEAVY)
    target_precompile_headers(${name} REUSE_FROM carevoice_heavy)
  endif()
  # A list would lose all but its first element on the way through gtest_discover_tests.
  string(JOIN " " labels ${TEST_LABELS})
  if(TEST_WHOLE)
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 300 RUN_SERIAL "${TEST_SERIAL}")
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS "${labels}" TIMEOUT 300 RUN_SERIAL "${TEST_SERIAL}")
endfunction()
