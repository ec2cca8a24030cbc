/** The text of a form's field, empty when there is none. */
export function readText(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name)
  return typeof value === 'string' ? value.trim() : ''
}

/** A password exactly as typed: spaces count. */
export function readPassword(form: HTMLFormElement, name = 'password'): string {
  const value = new FormData(form).get(name)
  return typeof value === 'string' ? value : ''
}

/** The values of a field that is there several times: the checked boxes of a group. */
export function readChosen(form: HTMLFormElement, name: string): string[] {
  return new FormData(form).getAll(name).filter((value) => typeof value === 'string')
}

/** The chosen files of a form's field. */
export function readFiles(form: HTMLFormElement, name: string): File[] {
  return new FormData(form).getAll(name).filter((value) => value instanceof File && value.size > 0) as File[]
}

/** The chosen file of a form's field, undefined when none was chosen. */
export function readFile(form: HTMLFormElement, name: string): File | undefined {
  const value = new FormData(form).get(name)
  return value instanceof File && value.size > 0 ? value : undefined
}
