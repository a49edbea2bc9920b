;; Text to UTF-8, as it is or escaped as in a JSON string: the source of utf8-text.ts, which a test holds against it.
;;
;; Each function reads [from, end), writes at `to`, and returns where it stopped writing. `escapes` points to 128
;; bytes, one per ASCII character: 0, it stands for itself; 'u', it needs \u00xx; else the letter after its
;; backslash. 16 bytes are looked at at once; only where one of them is special the scalar part takes that one.
(module
  (memory (export "memory") 3)
  (data (i32.const 0) "0123456789abcdef")

  ;; \uxxxx
  (func $unicode (param $unit i32) (param $to i32) (result i32)
    (i32.store16 (local.get $to) (i32.const 0x755c))
    (i32.store8 offset=2 (local.get $to) (i32.load8_u (i32.shr_u (local.get $unit) (i32.const 12))))
    (i32.store8 offset=3 (local.get $to)
      (i32.load8_u (i32.and (i32.shr_u (local.get $unit) (i32.const 8)) (i32.const 15))))
    (i32.store8 offset=4 (local.get $to)
      (i32.load8_u (i32.and (i32.shr_u (local.get $unit) (i32.const 4)) (i32.const 15))))
    (i32.store8 offset=5 (local.get $to) (i32.load8_u (i32.and (local.get $unit) (i32.const 15))))
    (i32.add (local.get $to) (i32.const 6)))

  (func $ascii (param $code i32) (param $to i32) (param $escapes i32) (result i32)
    (local $escape i32)
    (local.set $escape (i32.load8_u (i32.add (local.get $escapes) (local.get $code))))
    (if (i32.eqz (local.get $escape)) (then
      (i32.store8 (local.get $to) (local.get $code))
      (return (i32.add (local.get $to) (i32.const 1)))))
    (if (i32.eq (local.get $escape) (i32.const 0x75)) (then
      (return (call $unicode (local.get $code) (local.get $to)))))
    (i32.store8 (local.get $to) (i32.const 0x5c))
    (i32.store8 offset=1 (local.get $to) (local.get $escape))
    (i32.add (local.get $to) (i32.const 2)))

  (func $twoBytes (param $code i32) (param $to i32) (result i32)
    (i32.store8 (local.get $to) (i32.or (i32.const 0xc0) (i32.shr_u (local.get $code) (i32.const 6))))
    (i32.store8 offset=1 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (local.get $code) (i32.const 0x3f))))
    (i32.add (local.get $to) (i32.const 2)))

  (func $threeBytes (param $code i32) (param $to i32) (result i32)
    (i32.store8 (local.get $to) (i32.or (i32.const 0xe0) (i32.shr_u (local.get $code) (i32.const 12))))
    (call $tail (local.get $code) (i32.add (local.get $to) (i32.const 1))))

  ;; The last two bytes of three or four.
  (func $tail (param $code i32) (param $to i32) (result i32)
    (i32.store8 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $code) (i32.const 6)) (i32.const 0x3f))))
    (i32.store8 offset=1 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (local.get $code) (i32.const 0x3f))))
    (i32.add (local.get $to) (i32.const 2)))

  (func $fourBytes (param $code i32) (param $to i32) (result i32)
    (i32.store8 (local.get $to) (i32.or (i32.const 0xf0) (i32.shr_u (local.get $code) (i32.const 18))))
    (i32.store8 offset=1 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $code) (i32.const 12)) (i32.const 0x3f))))
    (call $tail (local.get $code) (i32.add (local.get $to) (i32.const 2))))

  (func (export "latin1") (param $from i32) (param $end i32) (param $to i32) (param $escapes i32) (result i32)
    (local $bytes v128) (local $special i32) (local $code i32)
    (loop $next
      (if (i32.le_u (i32.add (local.get $from) (i32.const 16)) (local.get $end)) (then
        (local.set $bytes (v128.load (local.get $from)))
        (v128.store (local.get $to) (local.get $bytes))
        ;; Signed, so that bytes from 0x80 on are less as well.
        (local.set $special (i8x16.bitmask (v128.or
          (i8x16.lt_s (local.get $bytes) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
          (v128.or
            (i8x16.eq (local.get $bytes) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34))
            (i8x16.eq (local.get $bytes) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92))))))
        (if (i32.eqz (local.get $special)) (then
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br $next)))
        (local.set $special (i32.ctz (local.get $special)))
        (local.set $from (i32.add (local.get $from) (local.get $special)))
        (local.set $to (i32.add (local.get $to) (local.get $special)))))
      (if (i32.lt_u (local.get $from) (local.get $end)) (then
        (local.set $code (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $to
          (if (result i32) (i32.lt_u (local.get $code) (i32.const 0x80))
            (then (call $ascii (local.get $code) (local.get $to) (local.get $escapes)))
            (else (call $twoBytes (local.get $code) (local.get $to)))))
        (br $next))))
    (local.get $to))

  (func (export "utf16") (param $from i32) (param $end i32) (param $to i32) (param $escapes i32) (result i32)
    (local $units v128) (local $special i32) (local $unit i32) (local $low i32)
    (loop $next
      (if (i32.le_u (i32.add (local.get $from) (i32.const 16)) (local.get $end)) (then
        (local.set $units (v128.load (local.get $from)))
        (v128.store64_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $units) (local.get $units)))
        (local.set $special (i16x8.bitmask (v128.or
          (v128.or
            (i16x8.lt_u (local.get $units) (v128.const i16x8 32 32 32 32 32 32 32 32))
            (i16x8.gt_u (local.get $units) (v128.const i16x8 127 127 127 127 127 127 127 127)))
          (v128.or
            (i16x8.eq (local.get $units) (v128.const i16x8 34 34 34 34 34 34 34 34))
            (i16x8.eq (local.get $units) (v128.const i16x8 92 92 92 92 92 92 92 92))))))
        (if (i32.eqz (local.get $special)) (then
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 8)))
          (br $next)))
        (local.set $special (i32.ctz (local.get $special)))
        (local.set $from (i32.add (local.get $from) (i32.shl (local.get $special) (i32.const 1))))
        (local.set $to (i32.add (local.get $to) (local.get $special)))))
      ;; One by one as long as there is no ASCII: looking at 16 bytes is not worth it in the midst of Chinese.
      (loop $beyondAscii
        (if (i32.ge_u (local.get $from) (local.get $end)) (then (return (local.get $to))))
        (local.set $unit (i32.load16_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 2)))
        (if (i32.lt_u (local.get $unit) (i32.const 0x80)) (then
          (local.set $to (call $ascii (local.get $unit) (local.get $to) (local.get $escapes)))
          (br $next)))
        (if (i32.lt_u (local.get $unit) (i32.const 0x800)) (then
          (local.set $to (call $twoBytes (local.get $unit) (local.get $to)))
          (br $beyondAscii)))
        (if (i32.ne (i32.and (local.get $unit) (i32.const 0xf800)) (i32.const 0xd800)) (then
          (i32.store (local.get $to) (i32.or
            (i32.or (i32.const 0x8080e0) (i32.shr_u (local.get $unit) (i32.const 12)))
            (i32.or
              (i32.and (i32.shl (local.get $unit) (i32.const 2)) (i32.const 0x3f00))
              (i32.shl (i32.and (local.get $unit) (i32.const 0x3f)) (i32.const 16)))))
          (local.set $to (i32.add (local.get $to) (i32.const 3)))
          (br $beyondAscii)))
        (local.set $low (i32.const 0))
        (if (i32.lt_u (local.get $from) (local.get $end)) (then
          (local.set $low (i32.load16_u (local.get $from)))))
        (if (i32.and
              (i32.eq (i32.and (local.get $unit) (i32.const 0xfc00)) (i32.const 0xd800))
              (i32.eq (i32.and (local.get $low) (i32.const 0xfc00)) (i32.const 0xdc00))) (then
          (local.set $from (i32.add (local.get $from) (i32.const 2)))
          (local.set $to (call $fourBytes
            (i32.add (i32.const 0x10000) (i32.or
              (i32.shl (i32.and (local.get $unit) (i32.const 0x3ff)) (i32.const 10))
              (i32.and (local.get $low) (i32.const 0x3ff))))
            (local.get $to)))
          (br $beyondAscii)))
        ;; A surrogate without its other half.
        (local.set $to (call $threeBytes (i32.const 0xfffd) (local.get $to)))
        (br $beyondAscii)))
    (unreachable)))
