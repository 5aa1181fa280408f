/**
 * What ext/session/tests of PHP's source cover (PHP 8.2), and where that is held here. A name may end in `*`, which stands for anything;
 * together they are all tests there are.
 */
export interface PhpTests {
  readonly area: string
  readonly names: readonly string[]
  readonly here: string
}

// biome-ignore format: a table
export const phpTests: readonly PhpTests[] = [
  { area: 'starting, twice, without a name, too late; `session_start()` options; `session_status()`',
    names: ['session_start_*', 'session_status*', 'session_basic1', 'session_basic2', 'session_ini_set', 'bug74541'],
    here: 'the scenarios “start” and “again”; test/session/manager.test.ts, test/session/http.test.ts; `auto_start` is not here' },
  { area: 'the end of a session: write, commit, abort, destroy, reset',
    names: ['session_write_close_*', 'session_commit_*', 'session_abort_basic', 'session_destroy_*', 'session_reset_basic', 'bug38377'],
    here: 'the scenarios “commit”, “abort”, “destroy”, “reset”; test/session/failures.test.ts, test/session/random-sequences.test.ts' },
  { area: '`$_SESSION` itself: unset, references to it, use before and after the session',
    names: ['002', '009', '012', '017', '027', 'session_unset_*', 'bug70013', 'bug73273'],
    here: 'the scenarios “set” and “unset”; test/session/superglobal.test.ts, test/session/superglobal-limits.test.ts' },
  { area: 'encode and decode: all types, references, cycles, wrong and hostile bytes',
    names: ['001', '003', '006', '010', '011', '019', '023', '026', '029', 'bug24592', 'bug71972', 'bug72562', 'bug72681', 'bug73529', 'bug79031', 'gh12504', 'gh13680', 'session_decode_*', 'session_encode_*'],
    here: 'the scenarios “encode”, “decode”, “stored bytes”; test/session/random-edits.test.ts, test/session/decode.test.ts, test/serialize-handlers, test/php' },
  { area: 'a new id for the session: both ways, before and after output, in strict mode',
    names: ['session_regenerate_id_*', 'bug61470', 'bug67694', 'bug70876'],
    here: 'the scenarios “regenerate” and “strict mode”; test/session/failures.test.ts, test/session/together.test.ts' },
  { area: 'ids: given, empty, arrays, with NUL, made with a prefix, of other lengths',
    names: ['session_id_*', 'session_create_id_basic', '031', 'bug65475', 'bug66827', 'bug68063', 'bug71683', 'bug74833', 'bug79091', 'bug79413'],
    here: 'the scenarios “ids”; test/session/hostile-ids.test.ts, test/session-id.test.ts, test/http/find-id.test.ts' },
  { area: 'the cookie: its parameters, its date, the name of the session',
    names: ['session_set_cookie_params_*', 'session_get_cookie_params_*', 'session_name_*', 'bug66481', 'bug80774', 'gh9200', 'gh16290', 'gh16385'],
    here: 'the scenarios “cookie”; test/http/cookie.test.ts, test/session/directives.test.ts' },
  { area: 'cache limiters and `cache_expire`; what is only read after the headers are sent',
    names: ['session_cache_*', 'bug74514', 'bug74936', 'bug74941'],
    here: 'the scenarios “cache” and “start”; test/http/cache-limiter.test.ts' },
  { area: 'the files save handler: paths that are not there, modes, `session_gc()`',
    names: ['session_save_path_*', 'session_gc_basic', '016', 'bug42596', 'bug73100', 'gh13856'],
    here: 'the scenarios “levels” and “gc”; test/save-handlers' },
  { area: 'save handlers of the application: order of calls, failures, classes of PHP',
    names: ['session_set_save_handler_*', 'session_module_name_*', 'sessionhandler_open_001', '004', '005', '024', '025', 'bug31454', 'bug32330', 'bug53141', 'bug55688', 'bug60634*', 'bug60860', 'bug61728', 'bug63379*', 'bug67972', 'bug69111', 'bug70133', 'bug71162', 'bug78624', 'bug80889*', 'error_when_setting_save_handler_ini_setting_in_runtime', 'gh7787', 'gh9583*', 'gh9584'],
    here: 'the [conformance suite](save-handlers.md), test/session/failures.test.ts; PHP’s classes and callbacks: test/php-functions/handlers.test.ts, test/save-handlers/user.test.ts' },
  { area: 'ids in links and forms: `use_trans_sid`, the constant SID',
    names: ['013', '014', '015', '018', '020', '021', 'session_basic3', 'session_basic4', 'session_basic5', 'bug26862', 'bug36459', 'bug41600', 'bug50308', 'bug51338', 'bug71974', 'bug72940', 'bug74892', 'gh13891'],
    here: 'test/http/trans-sid.test.ts, test/session/url.test.ts: `session.url()` is asked for a link, pages are not rewritten; `SID` of session-start/php' },
  { area: 'upload progress',
    names: ['rfc1867*', 'bug79221'],
    here: 'test/session/upload-progress-php.test.ts, test/session/upload-progress-live.test.ts, test/session/track-upload.test.ts' },
]
