# The parts that ./dev setup brings: carevoice::whisper (static) and carevoice::sherpa_onnx (shared, C interface).

set(CAREVOICE_PARTS_DIR ${CMAKE_SOURCE_DIR}/.parts)

foreach(file whisper/lib/libwhisper.a whisper/include/whisper.h
        sherpa-onnx/lib/libsherpa-onnx-c-api.so sherpa-onnx/include/sherpa-onnx/c-api/c-api.h)
  if(NOT EXISTS ${CAREVOICE_PARTS_DIR}/${file})
    message(FATAL_ERROR ".parts/${file} is missing: run ./dev setup")
  endif()
endforeach()

find_package(Threads REQUIRED)

# whisper.cpp leans on ggml, which picks its processor code from ggml-cpu; ggml-base is under all of them.
foreach(library ggml-base ggml-cpu ggml whisper)
  string(REPLACE "-" "_" target ${library})
  add_library(carevoice::${target} STATIC IMPORTED GLOBAL)
  set_target_properties(carevoice::${target} PROPERTIES
      IMPORTED_LOCATION ${CAREVOICE_PARTS_DIR}/whisper/lib/lib${library}.a
      INTERFACE_INCLUDE_DIRECTORIES ${CAREVOICE_PARTS_DIR}/whisper/include)
endforeach()
target_link_libraries(carevoice::ggml_base INTERFACE Threads::Threads m ${CMAKE_DL_LIBS})
target_link_libraries(carevoice::ggml_cpu INTERFACE carevoice::ggml_base)
target_link_libraries(carevoice::ggml INTERFACE carevoice::ggml_cpu carevoice::ggml_base)
target_link_libraries(carevoice::whisper INTERFACE carevoice::ggml)

# CMake gives programs of the build tree the folder of this library as RPATH, and the library finds onnxruntime beside
# itself. An installed program looks in ../lib/carevoice.
if(NOT CMAKE_INSTALL_RPATH)
  set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib/carevoice")
endif()
add_library(carevoice::sherpa_onnx SHARED IMPORTED GLOBAL)
set_target_properties(carevoice::sherpa_onnx PROPERTIES
    IMPORTED_LOCATION ${CAREVOICE_PARTS_DIR}/sherpa-onnx/lib/libsherpa-onnx-c-api.so
    IMPORTED_SONAME libsherpa-onnx-c-api.so
    INTERFACE_INCLUDE_DIRECTORIES ${CAREVOICE_PARTS_DIR}/sherpa-onnx/include
    INTERFACE_LINK_OPTIONS LINKER:-rpath-link,${CAREVOICE_PARTS_DIR}/sherpa-onnx/lib)
