/** Carriers whose pages show where a parcel is; any other may be named as well. */
const trackingPages: readonly { names: readonly string[]; page: string }[] = Object.freeze([
  { names: ['cj', 'cj대한통운', 'cj logistics'], page: 'https://trace.cjlogistics.com/next/tracking.html?wblNo=' },
  {
    names: ['한진', '한진택배', 'hanjin'],
    page: 'https://www.hanjin.com/kor/CMS/DeliveryMgr/WaybillResult.do?mCode=MN038&schLang=KR&wblnumText2=',
  },
  {
    names: ['롯데', '롯데택배', 'lotte'],
    page: 'https://www.lotteglogis.com/home/reservation/tracking/linkView?InvNo=',
  },
  {
    names: ['우체국', '우체국택배', 'korea post', 'epost'],
    page: 'https://service.epost.go.kr/trace.RetrieveDomRigiTraceList.comm?sid1=',
  },
  { names: ['로젠', '로젠택배', 'logen'], page: 'https://www.ilogen.com/web/personal/trace/' },
])

/** Where a parcel can be looked for; null when the carrier is not one that we know. */
export function trackingUrl(carrier: string | null, trackingNumber: string | null): string | null {
  if (carrier === null || trackingNumber === null) return null
  const name = carrier.toLowerCase()
  const known = trackingPages.find(({ names }) => names.includes(name))
  return known ? known.page + encodeURIComponent(trackingNumber.replaceAll('-', '')) : null
}
