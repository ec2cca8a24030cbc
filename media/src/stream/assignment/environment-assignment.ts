/** An assignment from the environment alone: for benches, tests and a Pod without Kubernetes. */
import type { Assignment, AssignmentSource } from './assignment.ts'

export function environmentAssignment(assignment: Assignment): AssignmentSource {
  return {
    current: assignment,
    subscribe: (listener) => listener(assignment),
    close: () => Promise.resolve(),
  }
}
