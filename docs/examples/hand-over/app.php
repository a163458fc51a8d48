<?php
// The session is in Redis, where every endpoint finds it: session.save_handler and session.save_path say so.
session_name('SID');
session_start();

// The first request after a move says where the session was, and why it has left.
$told = $_SERVER['HTTP_HOLDFAST_SESSION_MOVED'] ?? '';
if (preg_match('/^from=(.+); reason=(.+)$/', $told, $parts)) {
    [, $from, $reason] = $parts;
    $moved = ['from' => $from, 'reason' => $reason, 'user' => $_SESSION['user'] ?? null];
    file_put_contents('php://stdout', json_encode(['moved' => $moved]) . "\n");
}

if ($_SERVER['REQUEST_METHOD'] === 'POST' && $_SERVER['REQUEST_URI'] === '/login') {
    // A new id, so that nobody is logged in under one that somebody else has given him.
    session_regenerate_id(true);
    $_SESSION['user'] = $_POST['user'];
}

header('Content-Type: application/json');
echo json_encode(['port' => $_SERVER['SERVER_PORT'], 'user' => $_SESSION['user'] ?? null]);
