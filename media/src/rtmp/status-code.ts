/** Status codes of NetStream that one of our processes says and another one acts on. */

/** This media cannot be played, now or when it is sent again; OBS and librtmp know the code as a refusal. */
export const publishRejected = 'NetStream.Publish.Rejected'

/** Another session has the name, or nobody may publish under it. */
export const publishBadName = 'NetStream.Publish.BadName'
