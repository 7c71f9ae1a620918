// google-auth-library: the file that GOOGLE_APPLICATION_CREDENTIALS names says everything.
import { GoogleAuth } from 'google-auth-library'

export async function token() {
  // Without scopes it asks for one of Google's.
  return new GoogleAuth({ scopes: ['read'] }).getAccessToken()
}
