/**
 * The body of a function for `Php.map` that starts a session for each case: PHP code that finds the case's bytes in `$in` and returns what
 * it has to say.
 */
export const inSession = (handler: string, code: string): string => `
  ini_set('session.use_cookies', '0'); ini_set('session.cache_limiter', ''); ini_set('session.save_path', sys_get_temp_dir());
  session_id('inspect' . getmypid()); session_start(array('serialize_handler' => '${handler}')); $_SESSION = array();
  $answer = call_user_func(function ($in) { ${code} }, $in);
  if (session_status() === 2) session_destroy();
  return $answer;`
