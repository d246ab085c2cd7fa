/** What an officer does with a request whatever it asks for. */
import { parseInput } from '../admin/parseInput.ts'
import {
  cancelRequestSchema,
  extendRequestSchema,
  refusePartSchema,
  verifySubjectSchema,
  type SubjectRequest,
} from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import { changeRequest, handlerOf } from './changeRequest.ts'
import { lawAgain } from './clock.ts'
import { acknowledge, cancel, complete, extend, refusePart, verify } from './life.ts'

/** Each throws forbidden, bad_input, request_unknown and what its step in `life.ts` throws. */
export async function acknowledgeRequest(reader: Reader, id: string): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  return changeRequest(by, id, (request) => acknowledge(request, by.board.clock.now()))
}

export async function verifySubject(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { id, ...proof } = parseInput(verifySubjectSchema, input)
  return changeRequest(by, id, (request) => verify(request, proof, by.board.clock.now()))
}

export async function extendRequest(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { id, reason } = parseInput(extendRequestSchema, input)
  return changeRequest(by, id, (request) =>
    extend(request, reason, lawAgain(request), by.board.clock.now()),
  )
}

export async function refuseRequestPart(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { id, ...refusal } = parseInput(refusePartSchema, input)
  return changeRequest(by, id, (request) => refusePart(request, refusal, by.board.clock.now()))
}

export async function completeRequest(reader: Reader, id: string): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  return changeRequest(by, id, (request) => complete(request, by.board.clock.now()))
}

export async function cancelRequest(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { id, reason } = parseInput(cancelRequestSchema, input)
  return changeRequest(by, id, (request) => cancel(request, reason, by.board.clock.now()))
}
