"""Commands that hand a fleet over: harm, bundles, their verification, exports."""
